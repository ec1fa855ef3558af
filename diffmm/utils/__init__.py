"""Small helpers that several rooms and the scripts in ``tools/`` share."""

from .swapping import swap_backbone

__all__ = ['swap_backbone']
