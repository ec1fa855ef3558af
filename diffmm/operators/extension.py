"""The content of the stand-in for ``mmcv._ext``."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

from .finder import name_python


class MissingOperatorError(NotImplementedError):
    """An operator that is neither compiled nor replaced was called, or will be."""


def get_compiler_version() -> str:
    """Says in mmcv's ``collect_env`` that nothing was compiled."""
    return 'none (operators replaced by DiffMM)'


def get_compiling_cuda_version() -> str:
    """Says in mmcv's ``collect_env`` that nothing was compiled."""
    return 'not available'


# `from . import boxes` would import `diffmm` as well, while a host is half imported.
_FILES = [
    importlib.import_module(f'{__package__}.{name}')
    for name in (
        *('attention', 'boxes', 'carafe', 'deformable_convolution', 'focal_loss'),
        *('masked_convolution', 'regions'),
    )
]
REPLACEMENTS: dict[str, Callable] = {
    name: getattr(file, name) for file in _FILES for name in file.__all__
}


def fill(module: ModuleType, remedy: str) -> None:
    """Turns an empty module into the stand-in for ``mmcv._ext``.

    Args:
        module: The module. It gets the replaced functions under mmcv's names; any other
            name gives a function that raises :class:`MissingOperatorError`, and is
            noted in ``module.missing_functions``.
        remedy: The command that compiles the operators, for that error.
    """
    missing_functions: set[str] = set()

    def get_missing(name: str) -> Callable[..., NoReturn]:
        if name.startswith('__'):
            raise AttributeError(
                f'module {module.__name__!r} has no attribute {name!r}'
            )
        missing_functions.add(name)
        return _refuse(name, remedy)

    module.__dict__.update(
        REPLACEMENTS,
        get_compiler_version=get_compiler_version,
        get_compiling_cuda_version=get_compiling_cuda_version,
        replaced_functions=frozenset(REPLACEMENTS),
        missing_functions=missing_functions,
        __getattr__=get_missing,
    )


def explain_missing(needs: str, operator: str, remedy: str) -> str:
    """Writes the message of a :class:`MissingOperatorError`.

    Args:
        needs: Beginning of the sentence, who needs it.
        operator: Its name in mmcv.
        remedy: The command that compiles it outside a clone of DiffMM.

    Returns:
        One line.
    """
    return (
        f"{needs} mmcv's operator {operator!r}, which is neither compiled here nor "
        f'replaced by DiffMM. In a clone of DiffMM run: make ops; in an environment of '
        f'your own: {name_python(remedy)}'
    )


def _refuse(name: str, remedy: str) -> Callable[..., NoReturn]:
    def fail(*args: Any, **kwargs: Any) -> NoReturn:
        raise MissingOperatorError(explain_missing('This call needs', name, remedy))

    return fail
