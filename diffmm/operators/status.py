"""A list of mmcv's operators and of who computes them."""

from __future__ import annotations

import importlib
import importlib.util
import shlex
import textwrap
from dataclasses import dataclass
from importlib import metadata
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from .finder import (
    COMPILE,
    DISTRIBUTIONS,
    EXTENSION,
    REPLACE,
    StandInLoader,
    install,
    is_installed,
)


@dataclass(frozen=True)
class OperatorStatus:
    """The state of mmcv's operators.

    Attributes:
        kind: ``'compiled'``, ``'replaced'``, or ``'absent'`` where mmcv is not
            installed.
        replaced: Operators that DiffMM computes.
        missing: Operators that raise an error.
    """

    kind: str
    replaced: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind == 'compiled':
            return "mmcv's operators: compiled"
        if self.kind == 'absent':
            return "mmcv's operators: none, mmcv is not installed"
        return (
            f"mmcv's operators: {len(self.replaced)} replaced by DiffMM, "
            f'{len(self.missing)} missing; `make ops` compiles them'
        )

    def list_names(self) -> str:
        """Lists the operators.

        Returns:
            A paragraph for the replaced and one for the missing ones; empty where
            nothing is replaced.
        """
        groups = {
            'replaced by DiffMM': self.replaced,
            'missing (calling one is an error)': self.missing,
        }
        return '\n'.join(
            textwrap.fill(f'{title}: {", ".join(names)}', 88, subsequent_indent='    ')
            for title, names in groups.items()
            if names
        )


def operator_status() -> OperatorStatus:
    """Looks up how mmcv's operators are computed in this process.

    Returns:
        The status.

    Raises:
        ImportError: If mmcv or its compiled operators are there and cannot be loaded.
    """
    if importlib.util.find_spec('mmcv') is None:
        return OperatorStatus('absent')
    install()
    extension = importlib.import_module(EXTENSION)
    if not isinstance(extension.__spec__.loader, StandInLoader):
        return OperatorStatus('compiled')
    # Importing its operators, mmcv asks for every function of the extension.
    importlib.import_module('mmcv.ops')
    replaced = set(map(operator_name, extension.replaced_functions))
    missing = set(map(operator_name, extension.missing_functions)) - replaced
    return OperatorStatus('replaced', tuple(sorted(replaced)), tuple(sorted(missing)))


def operator_name(function: str) -> str:
    """Drops what tells the functions of one operator apart."""
    return function.partition('_forward')[0].partition('_backward')[0]


def find_fault() -> tuple[str, str]:
    """Looks for an mmcv of which a part is missing or there twice.

    Returns:
        The fault and the shell command that mends it; both empty if there is none.
    """
    installed = [name for name in DISTRIBUTIONS if is_installed(name)]
    spec = importlib.util.find_spec('mmcv')
    folder = next(iter(spec.submodule_search_locations or [''])) if spec else ''
    # A clone of mmcv has no metadata either, and nobody wants it removed.
    own = folder and Path(folder).parent.name in ('site-packages', 'dist-packages')
    replace = f'rm -rf {shlex.quote(folder)} && {REPLACE}' if own else REPLACE
    if len(installed) > 1:
        # Removing either deletes files of the other.
        detail = f'{" and ".join(installed)} are installed over each other'
        return detail, COMPILE if _has_extension(spec) else REPLACE
    if spec is not None and spec.origin is None:
        # Python takes a folder without __init__.py for a package.
        left = 'an unfinished installation or removal left' if own else 'stands there'
        return f'mmcv is not installed, and {folder} is what {left}', replace
    if installed and spec is None:
        return f'{installed[0]} is installed, but its files are gone', REPLACE
    # The fork, or whatever else brought it.
    known = installed or is_installed('onedl-mmcv')
    if own and not known and 'mmcv' not in metadata.packages_distributions():
        return f'{folder} has files of mmcv that pip does not know of', replace
    return '', ''


def _has_extension(spec: ModuleSpec | None) -> bool:
    folders = spec.submodule_search_locations if spec else None
    return PathFinder.find_spec(EXTENSION, folders) is not None
