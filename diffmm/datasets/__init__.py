"""Data sets and transforms that no host library has."""

from mmengine.registry import DATASETS

from diffmm.utils.host_import import import_with_host

from . import transforms
from .classification_split_dataset import ClassificationSplitDataset
from .depth_list_dataset import DepthListDataset, KITTIDepthListDataset
from .image_caption_dataset import ImageCaptionDataset
from .latent_caption_dataset import LatentCaptionDataset
from .mini_world_caption_dataset import MiniWorldCaptionDataset
from .nyu_depth_list_dataset import NYUDepthListDataset
from .picture_folder_dataset import PictureFolderDataset
from .referring_segmentation_dataset import (
    ExchangedExpressionsDataset,
    ReferringSegmentationDataset,
)
from .sketch_retrieval_dataset import SketchRetrievalDataset
from .source_batch_sampler import SourceBatchSampler
from .zero_shot_depth_datasets import (
    DIODEDataset,
    ETH3DDataset,
    HypersimDataset,
    ScanNetDepthDataset,
    VirtualKITTI2Dataset,
)

ADE20KFullDataset = import_with_host(
    'ADE20KFullDataset', '.wide_label_datasets', __name__, 'mmseg', DATASETS
)
MapillaryCityscapesDataset = import_with_host(
    'MapillaryCityscapesDataset',
    '.mapillary_cityscapes_dataset',
    __name__,
    'mmseg',
    DATASETS,
)
PascalContext459Dataset = import_with_host(
    'PascalContext459Dataset', '.wide_label_datasets', __name__, 'mmseg', DATASETS
)

__all__ = [
    'ADE20KFullDataset',
    'ClassificationSplitDataset',
    'DIODEDataset',
    'DepthListDataset',
    'ETH3DDataset',
    'ExchangedExpressionsDataset',
    'HypersimDataset',
    'ImageCaptionDataset',
    'KITTIDepthListDataset',
    'LatentCaptionDataset',
    'MapillaryCityscapesDataset',
    'MiniWorldCaptionDataset',
    'NYUDepthListDataset',
    'PascalContext459Dataset',
    'PictureFolderDataset',
    'ReferringSegmentationDataset',
    'ScanNetDepthDataset',
    'SketchRetrievalDataset',
    'SourceBatchSampler',
    'VirtualKITTI2Dataset',
    'transforms',
]
