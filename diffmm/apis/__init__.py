"""The Python way in: backbones by name, features, models of configs, predictors.

Every name is imported on first use, so nothing needs a host library that it does not
use.
"""

from __future__ import annotations

import importlib
from typing import Any

from diffmm.utils.host_import import HOST_EXTRAS

_MODULES = {
    'catalog': (
        'get_backbone',
        'get_config',
        'get_model',
        'list_backbones',
        'list_configs',
        'list_systems',
        'list_tasks',
    ),
    'depth': ('DepthImage', 'DepthPredictor'),
    'depth_probe': ('DepthProbe',),
    'features': ('FeatureExtractor', 'PictureFeatures'),
    'found_thing': ('FoundThing', 'ReferringStep'),
    'generalist': ('GeneralistAnswer', 'GeneralistPredictor'),
    'image_input': ('read_image', 'to_bgr'),
    'image_predictor': ('ImagePredictor',),
    'picture_folder': ('FolderReport', 'predict_folder'),
    'checkpoint': ('read_checkpoint',),
    'name_probe': ('NameProbe',),
    'referring': ('ReferringPredictor',),
    'relative_depth': ('RelativeDepthImage', 'RelativeDepthPredictor'),
    'retrieval': ('PictureRetriever',),
    'segmentation': ('ImageSegmenter', 'SegmentedImage'),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    """Imports a name of this package on first use.

    Raises:
        AttributeError: If the package has no such name.
        ImportError: If the name needs a host library that is not installed.
    """
    if name not in _MODULE_OF:
        raise AttributeError(
            f'module {__name__!r} has no attribute {name!r}; it has '
            f'{", ".join(__all__)}'
        )
    try:
        module = importlib.import_module(f'.{_MODULE_OF[name]}', __name__)
    except ModuleNotFoundError as error:
        if error.name not in HOST_EXTRAS:
            raise
        raise ImportError(
            f'{name} needs {error.name}, which is not installed: '
            f'pip install "diffmm[{HOST_EXTRAS[error.name]}]"'
        ) from error
    return getattr(module, name)


def __dir__() -> list[str]:
    """Lists the public names, imported or not."""
    return __all__
