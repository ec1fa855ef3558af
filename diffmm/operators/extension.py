"""The content of the stand-in for ``mmcv._ext``."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

from . import attention, boxes, carafe, convolution, focal_loss, regions


class MissingOperatorError(NotImplementedError):
    """An operator that is neither compiled nor replaced was called."""


def get_compiler_version() -> str:
    """Says in mmcv's ``collect_env`` that nothing was compiled."""
    return 'none (operators replaced by DiffMM)'


def get_compiling_cuda_version() -> str:
    """Says in mmcv's ``collect_env`` that nothing was compiled."""
    return 'not available'


_ROOMS = (attention, boxes, carafe, convolution, focal_loss, regions)
REPLACEMENTS: dict[str, Callable] = {
    name: getattr(room, name) for room in _ROOMS for name in room.__all__
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


def _refuse(name: str, remedy: str) -> Callable[..., NoReturn]:
    def fail(*args: Any, **kwargs: Any) -> NoReturn:
        raise MissingOperatorError(
            f"mmcv's operator {name!r} is not compiled here, and DiffMM has no "
            f'replacement for it. In a clone of DiffMM run: make ops; in an '
            f'environment of your own: {remedy}'
        )

    return fail
