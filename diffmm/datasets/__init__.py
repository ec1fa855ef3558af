"""Data sets and transforms that no host library has."""

from mmengine.registry import DATASETS

from diffmm.utils.host_import import import_with_host

from . import transforms
from .depth_list_dataset import DepthListDataset, KITTIDepthListDataset
from .image_caption_dataset import ImageCaptionDataset
from .latent_caption_dataset import LatentCaptionDataset
from .mini_world_caption_dataset import MiniWorldCaptionDataset
from .nyu_depth_list_dataset import NYUDepthListDataset
from .referring_segmentation_dataset import (
    ExchangedExpressionsDataset,
    ReferringSegmentationDataset,
)

MapillaryCityscapesDataset = import_with_host(
    'MapillaryCityscapesDataset',
    '.mapillary_cityscapes_dataset',
    __name__,
    'mmseg',
    DATASETS,
)

__all__ = [
    'DepthListDataset',
    'ExchangedExpressionsDataset',
    'ImageCaptionDataset',
    'KITTIDepthListDataset',
    'LatentCaptionDataset',
    'MapillaryCityscapesDataset',
    'MiniWorldCaptionDataset',
    'NYUDepthListDataset',
    'ReferringSegmentationDataset',
    'transforms',
]
