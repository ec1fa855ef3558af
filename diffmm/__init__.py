"""DiffMM: Stable Diffusion as backbone or predictor in the OpenMMLab libraries.

Importing the package registers its classes with mmengine's root registries, so one
line in a config is enough::

    custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)

mmengine runs it while it reads the config: before the Runner, the launcher's set-up and
any checkpoint.
"""

import gc
import importlib

from . import operators
from .environment import (
    postpone,
    warn_broken_installation,
    warn_untested_versions,
)
from .environment.openmp import limit_spinning
from .utils.host_import import IMPORT_FAILURES
from .version import __version__

__all__ = ['__version__', 'register_all_modules']

# The packages whose import registers classes.
_REGISTERING = ('models', 'engine', 'datasets', 'evaluation')


def register_all_modules() -> None:
    """Registers every class with mmengine; ``import diffmm`` does it already.

    It also lets the released hosts run on current PyTorch
    (:mod:`diffmm.environment.safe_checkpoints`,
    :mod:`diffmm.environment.cpu_distributed`) and without mmcv's compiled operators
    (:mod:`diffmm.operators`), and mmpretrain beside transformers 5
    (:mod:`diffmm.environment.mmpretrain_import`). It lets ``mmseg::`` find the configs
    of the maintained fork (:mod:`diffmm.environment.external_configs`). It keeps them
    from formatting a config for every checkpoint
    (:mod:`diffmm.environment.config_text`), and warns about untested versions and about
    packages that were installed over each other.
    """
    warn_broken_installation()
    operators.install()
    from .environment.config_text import format_configs_once
    from .environment.cpu_distributed import enable_cpu_distributed
    from .environment.external_configs import find_configs_of_fork
    from .environment.mmpretrain_import import leave_out_multimodal_models
    from .environment.safe_checkpoints import allow_mmengine_checkpoints

    allow_mmengine_checkpoints()
    enable_cpu_distributed()
    leave_out_multimodal_models()
    find_configs_of_fork()
    format_configs_once()
    warn_untested_versions()
    for name in _REGISTERING:
        importlib.import_module(f'diffmm.{name}')


limit_spinning()
# Imports make objects that stay. Looking for garbage among them is a sixth of the time.
_collects = gc.isenabled()
gc.disable()
try:
    register_all_modules()
except IMPORT_FAILURES as error:
    postpone(error)
finally:
    if _collects:
        gc.enable()
