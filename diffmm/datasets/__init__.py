"""Data sets that no host library has."""

from . import transforms
from .exchanged_expressions_dataset import ExchangedExpressionsDataset
from .image_caption_dataset import ImageCaptionDataset
from .latent_caption_dataset import LatentCaptionDataset
from .mini_world_caption_dataset import MiniWorldCaptionDataset
from .nyu_depth_list_dataset import NYUDepthListDataset
from .referring_segmentation_dataset import ReferringSegmentationDataset

__all__ = [
    'ExchangedExpressionsDataset',
    'ImageCaptionDataset',
    'LatentCaptionDataset',
    'MiniWorldCaptionDataset',
    'NYUDepthListDataset',
    'ReferringSegmentationDataset',
    'transforms',
]
