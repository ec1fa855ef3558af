"""An import finder that offers the stand-in for ``mmcv._ext``."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from importlib import metadata
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

EXTENSION = 'mmcv._ext'
# They write the same files, so one has to go before another comes. The fork's mmcv is
# looked at where all of the fork is (diffmm/environment/forks.py).
DISTRIBUTIONS = ('mmcv', 'mmcv-lite', 'mmcv-full')
_REMOVE = f'python -m pip uninstall -y {" ".join(DISTRIBUTIONS)}'
COMPILE = (
    f"{_REMOVE} && python -m pip install 'setuptools<80' wheel ninja psutil && "
    'MMCV_WITH_OPS=1 python -m pip install --no-build-isolation --no-cache-dir '
    '--no-binary mmcv mmcv==2.1.0'
)
COMPILE_FORK = (
    "python -m pip install 'setuptools>=80' wheel ninja psutil && "
    'python -m pip install --no-build-isolation --no-cache-dir --no-deps '
    '--force-reinstall onedl-mmcv==2.3.6'
)
REPLACE = f'{_REMOVE} && python -m pip install mmcv-lite==2.1.0'


def compile_command() -> str:
    """Returns the command that compiles the operators of the installed mmcv."""
    return COMPILE_FORK if is_installed('onedl-mmcv') else COMPILE


def name_python(command: str) -> str:
    """Names this interpreter in a command, unless ``python`` starts it.

    Args:
        command: A shell command that says ``python -m``.

    Returns:
        The command; a user may paste it where no environment is activated.
    """
    found, this = shutil.which('python'), sys.executable or 'python'
    if found and os.path.dirname(found) == os.path.dirname(this):
        return command
    here = os.path.join(os.getcwd(), '')
    python = shlex.quote(this.removeprefix(here))
    return re.sub(r'\bpython -m\b', lambda match: f'{python} -m', command)


def is_installed(distribution: str) -> bool:
    """Tells whether a distribution is installed, without importing anything of it."""
    try:
        # None where only the folder of the metadata is left.
        return metadata.version(distribution) is not None
    except metadata.PackageNotFoundError:
        return False


class StandInLoader(Loader):
    """Fills a module with what :mod:`diffmm.operators.extension` replaces."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leaves the creation to Python."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Adds the operators, which is what imports torch and torchvision."""
        remedy = compile_command()
        importlib.import_module('diffmm.operators.extension').fill(module, remedy)
        # A model that needs one that nobody computes is refused while it is built.
        demand = importlib.import_module('diffmm.operators.demand')
        demand.refuse_missing_operators(module, remedy)


class StandInFinder(MetaPathFinder):
    """Finds ``mmcv._ext``, and nothing else.

    It stands last in ``sys.meta_path``, so Python asks it only where no compiled
    ``mmcv._ext`` was found.
    """

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Describes the stand-in.

        Args:
            fullname: The module that is imported.
            path: The folders of its package; not used.
            target: A module that is reloaded; not used.

        Returns:
            The stand-in's specification, ``None`` for any other module.
        """
        if fullname != EXTENSION:
            return None
        return ModuleSpec(EXTENSION, StandInLoader(), origin='DiffMM')


def install() -> None:
    """Lets ``import mmcv._ext`` find the stand-in where mmcv has no operators.

    ``import diffmm`` does it. May be called any number of times.
    """
    if not any(isinstance(finder, StandInFinder) for finder in sys.meta_path):
        sys.meta_path.append(StandInFinder())
        _complete_transformer()


def _complete_transformer() -> None:
    """Adds what mmcv.cnn went without where it was imported before the stand-in."""
    name = 'MultiScaleDeformableAttention'
    transformer = sys.modules.get('mmcv.cnn.bricks.transformer')
    if transformer is not None and not hasattr(transformer, name):
        operators = importlib.import_module('mmcv.ops.multi_scale_deform_attn')
        setattr(transformer, name, getattr(operators, name))
