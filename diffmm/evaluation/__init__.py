"""Metrics that no host library has."""

from mmengine.registry import EVALUATOR, METRICS

from diffmm.utils.host_import import import_with_host

from .by_source_metric import BySourceMetric
from .caption_nouns import CaptionNouns
from .generation_metrics import DenoisingError, ReconstructionPSNR
from .instructcv_quirks import (
    InstructCVDepthQuirks,
    InstructCVDetectionQuirks,
    InstructCVSegmentationQuirks,
)
from .referring_iou_metric import ReferringIoUMetric
from .retrieval_metric import RetrievalMetric
from .top_one_accuracy import TopOneAccuracy

AlignedDepthMetric = import_with_host(
    'AlignedDepthMetric', '.aligned_depth_metric', __name__, 'mmseg', METRICS
)
OpenVocabularyIoUMetric = import_with_host(
    'OpenVocabularyIoUMetric',
    '.open_vocabulary_iou_metric',
    __name__,
    'mmseg',
    METRICS,
)
PerImageDepthMetric = import_with_host(
    'PerImageDepthMetric',
    '.per_image_depth_metric',
    __name__,
    'mmseg',
    METRICS,
)
TaskEvaluator = import_with_host(
    'TaskEvaluator', '.task_evaluator', __name__, 'mmdet', EVALUATOR
)

__all__ = [
    'AlignedDepthMetric',
    'BySourceMetric',
    'CaptionNouns',
    'DenoisingError',
    'InstructCVDepthQuirks',
    'InstructCVDetectionQuirks',
    'InstructCVSegmentationQuirks',
    'OpenVocabularyIoUMetric',
    'PerImageDepthMetric',
    'ReconstructionPSNR',
    'ReferringIoUMetric',
    'RetrievalMetric',
    'TaskEvaluator',
    'TopOneAccuracy',
]
