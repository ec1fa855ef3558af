"""DiffMM: Stable Diffusion as backbone or predictor in the OpenMMLab libraries.

Importing the package registers everything it has with mmengine's root registries, so
one line in a config is enough::

    custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
"""

import importlib
import sys

from .version import __version__

__all__ = ['__version__', 'register_all_modules']

# The packages whose import registers something.
_REGISTERING = ('models', 'engine', 'datasets', 'evaluation')


def register_all_modules() -> None:
    """Register every module with mmengine; ``import diffmm`` does it already."""
    importlib.import_module('diffmm._compat').apply()
    for name in _REGISTERING:
        importlib.import_module(f'diffmm.{name}')


# `python -m diffmm.doctor` imports this file first and must get past it where torch or
# a host library is broken: saying so is its purpose.
if 'diffmm.doctor' not in sys.orig_argv:
    register_all_modules()
