"""Which operators mmcv has, and who computes them."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass

from .finder import EXTENSION, StandInLoader, install


@dataclass(frozen=True)
class OperatorStatus:
    """How mmcv's operators are computed.

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
    replaced = _operators(extension.replaced_functions)
    return OperatorStatus(
        'replaced',
        tuple(sorted(replaced)),
        tuple(sorted(_operators(extension.missing_functions) - replaced)),
    )


def _operators(functions: frozenset[str]) -> set[str]:
    """Drops what tells the functions of one operator apart."""
    return {
        name.partition('_forward')[0].partition('_backward')[0] for name in functions
    }
