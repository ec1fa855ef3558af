"""Pictures of attention and features; plain functions on arrays."""

from .cross_attention import draw_cross_attention, merge_attention_maps
from .heat_map import overlay_heat_map, restore_image
from .image_grid import draw_image_grid
from .prompt_heat_maps import draw_prompt_heat_maps

__all__ = [
    'draw_cross_attention',
    'draw_image_grid',
    'draw_prompt_heat_maps',
    'merge_attention_maps',
    'overlay_heat_map',
    'restore_image',
]
