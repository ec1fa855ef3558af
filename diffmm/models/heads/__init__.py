"""Heads that no host library has."""

from mmengine.registry import MODELS

from diffmm.utils.host_import import import_with_host

from .cosine_text_head import CosineTextHead
from .linear_head import LinearHead

DeconvDepthHead = import_with_host(
    'DeconvDepthHead', '.deconv_depth_head', __name__, 'mmseg', MODELS
)
LAVTHead = import_with_host('LAVTHead', '.lavt_head', __name__, 'mmseg', MODELS)
TextFPNHead = import_with_host(
    'TextFPNHead', '.text_fpn_head', __name__, 'mmseg', MODELS
)

__all__ = [
    'CosineTextHead',
    'DeconvDepthHead',
    'LAVTHead',
    'LinearHead',
    'TextFPNHead',
]
