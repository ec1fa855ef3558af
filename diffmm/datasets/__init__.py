"""Data sets that no host library has."""

from .image_caption_dataset import ImageCaptionDataset
from .latent_caption_dataset import LatentCaptionDataset
from .mini_world_caption_dataset import MiniWorldCaptionDataset

__all__ = ['ImageCaptionDataset', 'LatentCaptionDataset', 'MiniWorldCaptionDataset']
