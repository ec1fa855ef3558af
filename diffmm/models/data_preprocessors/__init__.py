"""Data preprocessors that hand the batch's text to the backbone."""

from mmengine.registry import MODELS

from diffmm.utils.host_import import import_with_host

from .text_conditioning import TextConditioning
from .text_img_data_preprocessor import TextImgDataPreprocessor

TextSegDataPreProcessor = import_with_host(
    'TextSegDataPreProcessor',
    '.text_seg_data_pre_processor',
    __name__,
    'mmseg',
    MODELS,
)
TextDetDataPreprocessor = import_with_host(
    'TextDetDataPreprocessor', '.text_det_data_preprocessor', __name__, 'mmdet', MODELS
)
TextPoseDataPreprocessor = import_with_host(
    'TextPoseDataPreprocessor',
    '.text_pose_data_preprocessor',
    __name__,
    'mmpose',
    MODELS,
)
TextClsDataPreprocessor = import_with_host(
    'TextClsDataPreprocessor',
    '.text_cls_data_preprocessor',
    __name__,
    'mmpretrain',
    MODELS,
)

__all__ = [
    'TextClsDataPreprocessor',
    'TextConditioning',
    'TextDetDataPreprocessor',
    'TextImgDataPreprocessor',
    'TextPoseDataPreprocessor',
    'TextSegDataPreProcessor',
]
