"""The mini world: rendered scenes in the layouts of real data sets."""

from .classes import MINI_CLASSES, OBJECT_CLASSES, STUFF_CLASSES
from .drawing.rendered_scene import RenderedScene
from .drawing.renderer import Renderer
from .drawing.styles import STYLES
from .generation import generate
from .language.expression import Expression
from .scene.scene import Scene
from .scene.scene_object import SceneObject
from .scene.scene_sampler import SceneSampler

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
]
