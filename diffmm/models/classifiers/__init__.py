"""Models that compare pictures with the names of classes, or with each other."""

from .text_aligned_classifier import TextAlignedClassifier
from .timm_classifier import TimmPictureClassifier

__all__ = ['TextAlignedClassifier', 'TimmPictureClassifier']
