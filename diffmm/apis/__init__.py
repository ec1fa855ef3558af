"""Inference on plain images. What needs a host library is imported on first use."""

from __future__ import annotations

import importlib
from typing import Any

from .depth_image import DepthImage
from .read_checkpoint import read_checkpoint
from .read_image import read_image

__all__ = [
    'DepthImage',
    'DepthPredictor',
    'ImagePredictor',
    'ImageSegmenter',
    'SegmentedImage',
    'read_checkpoint',
    'read_image',
]

_LAZY = {
    'DepthPredictor': 'depth_predictor',
    'ImagePredictor': 'image_predictor',
    'ImageSegmenter': 'image_segmenter',
    'SegmentedImage': 'segmented_image',
}
_INSTALL = {'mmseg': 'pip install "diffmm[seg]"'}


def __getattr__(name: str) -> Any:
    """Import a name of this package on first use.

    Raises:
        AttributeError: If the package has no such name.
        ImportError: If the name needs a host library that is not installed.
    """
    if name not in _LAZY:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    try:
        module = importlib.import_module(f'.{_LAZY[name]}', __name__)
    except ModuleNotFoundError as error:
        if error.name not in _INSTALL:
            raise
        raise ImportError(
            f'{name} needs {error.name}, which is not installed: {_INSTALL[error.name]}'
        ) from error
    return getattr(module, name)
