"""The mini world: rendered scenes in the layouts of real data sets."""

from .classes import MINI_CLASSES, OBJECT_CLASSES, STUFF_CLASSES
from .generation import generate
from .rendered_scene import RenderedScene
from .renderer import Renderer
from .scene import Scene
from .scene_object import SceneObject
from .scene_sampler import SceneSampler

__all__ = [
    'MINI_CLASSES',
    'OBJECT_CLASSES',
    'STUFF_CLASSES',
    'RenderedScene',
    'Renderer',
    'Scene',
    'SceneObject',
    'SceneSampler',
    'generate',
]
