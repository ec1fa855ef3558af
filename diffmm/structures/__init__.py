"""Data that travels between parts of a model."""

from .conditioned_images import ConditionedImages

__all__ = ['ConditionedImages']
