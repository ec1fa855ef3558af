"""Transforms that no host library has. Their base class comes with any host."""

from mmengine.registry import TRANSFORMS

from diffmm.utils.host_import import import_with_host

DepthQuantiles = import_with_host(
    'DepthQuantiles', '.relative_depth', __name__, 'mmseg', TRANSFORMS
)
DrawExpression = import_with_host(
    'DrawExpression', '.text', __name__, 'mmseg', TRANSFORMS
)
DrawQuery = import_with_host('DrawQuery', '.queries', __name__, 'mmseg', TRANSFORMS)
FixedText = import_with_host('FixedText', '.text', __name__, 'mmseg', TRANSFORMS)
KBCrop = import_with_host('KBCrop', '.kb_crop', __name__, 'mmseg', TRANSFORMS)
KeepNouns = import_with_host('KeepNouns', '.captions', __name__, 'mmseg', TRANSFORMS)
LoadCaption = import_with_host(
    'LoadCaption', '.captions', __name__, 'mmseg', TRANSFORMS
)
LoadFloatDepth = import_with_host(
    'LoadFloatDepth', '.float_depth', __name__, 'mmseg', TRANSFORMS
)
LoadMappedLabels = import_with_host(
    'LoadMappedLabels', '.loading', __name__, 'mmseg', TRANSFORMS
)
LoadMetricDepth = import_with_host(
    'LoadMetricDepth', '.loading', __name__, 'mmseg', TRANSFORMS
)
LoadReferringMask = import_with_host(
    'LoadReferringMask', '.load_referring_mask', __name__, 'mmseg', TRANSFORMS
)
LoadWideLabels = import_with_host(
    'LoadWideLabels', '.loading', __name__, 'mmseg', TRANSFORMS
)
NameTask = import_with_host('NameTask', '.queries', __name__, 'mmseg', TRANSFORMS)
NearestExactResize = import_with_host(
    'NearestExactResize', '.relative_depth', __name__, 'mmseg', TRANSFORMS
)
OracleCaption = import_with_host(
    'OracleCaption', '.oracle_caption', __name__, 'mmseg', TRANSFORMS
)
PackPicture = import_with_host(
    'PackPicture', '.pack_picture', __name__, 'mmseg', TRANSFORMS
)
PhotometricJitter = import_with_host(
    'PhotometricJitter', '.photometric_jitter', __name__, 'mmseg', TRANSFORMS
)
SceneFromCategory = import_with_host(
    'SceneFromCategory', '.text', __name__, 'mmseg', TRANSFORMS
)
ScoreAtInputSize = import_with_host(
    'ScoreAtInputSize', '.score_at_input_size', __name__, 'mmseg', TRANSFORMS
)
TargetDomainText = import_with_host(
    'TargetDomainText', '.target_domain_text', __name__, 'mmseg', TRANSFORMS
)
VerticalCutDepth = import_with_host(
    'VerticalCutDepth', '.vertical_cut_depth', __name__, 'mmseg', TRANSFORMS
)

__all__ = [
    'DepthQuantiles',
    'DrawExpression',
    'DrawQuery',
    'FixedText',
    'KBCrop',
    'KeepNouns',
    'LoadCaption',
    'LoadFloatDepth',
    'LoadMappedLabels',
    'LoadMetricDepth',
    'LoadReferringMask',
    'LoadWideLabels',
    'NameTask',
    'NearestExactResize',
    'OracleCaption',
    'PackPicture',
    'PhotometricJitter',
    'SceneFromCategory',
    'ScoreAtInputSize',
    'TargetDomainText',
    'VerticalCutDepth',
]
