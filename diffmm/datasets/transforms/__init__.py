"""Transforms that no host library has. Their base class comes with any host."""

from functools import partial

from mmengine.registry import TRANSFORMS

from diffmm.utils.host_import import import_with_host

_import = partial(import_with_host, package=__name__, host='mmseg', registry=TRANSFORMS)

DepthQuantiles = _import('DepthQuantiles', '.relative_depth')
DrawExpression = _import('DrawExpression', '.text')
DrawQuery = _import('DrawQuery', '.queries')
FixedText = _import('FixedText', '.text')
KBCrop = _import('KBCrop', '.kb_crop')
KeepNouns = _import('KeepNouns', '.nouns')
LoadCaption = _import('LoadCaption', '.captions')
LoadFloatDepth = _import('LoadFloatDepth', '.float_depth')
LoadMappedLabels = _import('LoadMappedLabels', '.loading')
LoadMetricDepth = _import('LoadMetricDepth', '.loading')
LoadReferringMask = _import('LoadReferringMask', '.load_referring_mask')
LoadWideLabels = _import('LoadWideLabels', '.loading')
NameTask = _import('NameTask', '.queries')
NearestExactResize = _import('NearestExactResize', '.relative_depth')
OracleCaption = _import('OracleCaption', '.oracle_caption')
PackPicture = _import('PackPicture', '.pack_picture')
PhotometricJitter = _import('PhotometricJitter', '.photometric_jitter')
SceneFromCategory = _import('SceneFromCategory', '.text')
ScoreAtInputSize = _import('ScoreAtInputSize', '.score_at_input_size')
TargetDomainText = _import('TargetDomainText', '.target_domain_text')
VerticalCutDepth = _import('VerticalCutDepth', '.vertical_cut_depth')

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
