"""Segmentors that no host library has."""

from mmengine.registry import MODELS

from diffmm.utils.host_import import import_with_host

BatchedSegTTAModel = import_with_host(
    'BatchedSegTTAModel', '.batched_seg_tta_model', __name__, 'mmseg', MODELS
)
OpenVocabularySegmentor = import_with_host(
    'OpenVocabularySegmentor',
    '.open_vocabulary_segmentor',
    __name__,
    'mmseg',
    MODELS,
)
ReferringSegmentor = import_with_host(
    'ReferringSegmentor', '.referring_segmentor', __name__, 'mmseg', MODELS
)
SlidingDepthEstimator = import_with_host(
    'SlidingDepthEstimator', '.sliding_depth_estimator', __name__, 'mmseg', MODELS
)

SlidingEncoderDecoder = import_with_host(
    'SlidingEncoderDecoder', '.batched_windows', __name__, 'mmseg', MODELS
)

__all__ = [
    'BatchedSegTTAModel',
    'OpenVocabularySegmentor',
    'ReferringSegmentor',
    'SlidingDepthEstimator',
    'SlidingEncoderDecoder',
]
