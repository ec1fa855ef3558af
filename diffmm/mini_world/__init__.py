"""The mini world: rendered scenes in the layouts of real data sets."""

from .classes import MINI_CLASSES, OBJECT_CLASSES, STUFF_CLASSES
from .drawing.rendered_scene import RenderedScene
from .drawing.renderer import Renderer
from .drawing.styles import STYLES, stylize
from .generation import generate
from .language.captions import name_style, write_captions, write_plain_caption
from .language.expressions import Expression, refer
from .scenes.sampler import SceneSampler
from .scenes.scene import Scene, SceneObject

__all__ = [
    'MINI_CLASSES',
    'OBJECT_CLASSES',
    'STUFF_CLASSES',
    'STYLES',
    'Expression',
    'RenderedScene',
    'Renderer',
    'Scene',
    'SceneObject',
    'SceneSampler',
    'generate',
    'name_style',
    'refer',
    'stylize',
    'write_captions',
    'write_plain_caption',
]
