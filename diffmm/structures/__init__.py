"""Data that travels between parts of a model."""

from .conditioned_images import ConditionedImages, plain_images

__all__ = ['ConditionedImages', 'plain_images']
