"""Pictures of what a model attends to; plain functions on arrays."""

from .cross_attention import draw_cross_attention, merge_attention_maps
from .heat_map import overlay_heat_map
from .image_grid import draw_image_grid
from .network_input import restore_image

__all__ = [
    'draw_cross_attention',
    'draw_image_grid',
    'merge_attention_maps',
    'overlay_heat_map',
    'restore_image',
]
