"""Imports that can fail, because a host library is missing or broken."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:  # the doctor has to work where mmengine does not
    from mmengine.registry import Registry

# What importing a broken binary package has been seen to raise: a missing symbol, a
# changed numpy ABI, a host's version assertion, an operator library that lags torch; a
# file of which a full disk left the beginning.
IMPORT_FAILURES = (ImportError, OSError, RuntimeError, ValueError, AttributeError)
IMPORT_FAILURES += (AssertionError, KeyError, TypeError, SyntaxError, EOFError)

HOST_EXTRAS = {'mmseg': 'seg', 'mmdet': 'det', 'mmpose': 'pose', 'mmpretrain': 'cls'}
# mmpose's metadata asks for a package that no longer builds, so no extra can name it.
_AND_THEN = {'mmpose': ' && pip install --no-deps "mmpose>=1.3.2,<2"'}


def import_with_host(
    name: str, module: str, package: str, host: str, registry: Registry
) -> Any:
    """Imports a class that needs a host, or registers an error in its place.

    DiffMM works with any of the hosts missing or broken. A config that uses the class
    then fails at build time with the install command, not with "not in registry".

    Args:
        name: Name of the class.
        module: Its module, relative to ``package``; importing it registers the class.
        package: The package that imports it.
        host: ``'mmseg'``, ``'mmdet'``, ``'mmpose'`` or ``'mmpretrain'``.
        registry: The registry of the class.

    Returns:
        The class, or a function that raises ``ImportError``.

    Raises:
        Exception: The original error, if DiffMM itself is at fault.
    """
    try:
        return getattr(importlib.import_module(module, package), name)
    except IMPORT_FAILURES as error:
        if is_own_mistake(error):
            raise
        stand_in = failing_builder(f'{name} needs {_explain(host, error)}', error)
        registry.register_module(name=name, module=stand_in)
        return stand_in


def require_host(host: str) -> None:
    """Checks that a host library can be imported.

    Args:
        host: ``'mmseg'``, ``'mmdet'``, ``'mmpose'`` or ``'mmpretrain'``.

    Raises:
        ImportError: If the host, or a package that it needs, cannot be imported. The
            message gives the install command.
    """
    try:
        # The package alone imports without the packages that its models need: those
        # of mmpose need mmdet.
        importlib.import_module(f'{host}.models')
    except IMPORT_FAILURES as error:
        raise ImportError(_explain(host, error)) from error


def is_own_mistake(error: Exception) -> bool:
    """Returns True if DiffMM's own code is at fault, not the environment.

    That is where a module of DiffMM is missing or no Python, or where code of DiffMM
    raised any other error than an ``ImportError``.
    """
    if isinstance(error, ImportError):
        return (error.name or '').partition('.')[0] == 'diffmm'
    if isinstance(error, SyntaxError):
        place = error.filename or ''
    else:
        place = traceback.extract_tb(error.__traceback__)[-1].filename
    return Path(place).is_relative_to(Path(__file__).parents[1])


def failing_builder(message: str, error: Exception) -> Callable[..., NoReturn]:
    """Makes a function that takes the place of a class and raises ``ImportError``.

    Args:
        message: Message of the ``ImportError``.
        error: Its cause.
    """

    def fail(*args: Any, **kwargs: Any) -> NoReturn:
        raise ImportError(message) from error

    return fail


def first_line(error: BaseException) -> str:
    """Returns the kind of an error and the first line of its message.

    A line that ends in a colon, as those of diffusers do, brings the next one along.
    """
    lines = str(error).strip().splitlines() or ['no message']
    count = 2 if lines[0].endswith(':') else 1
    return f'{type(error).__name__}: {" ".join(lines[:count])}'


def _explain(host: str, error: Exception) -> str:
    reason = error if isinstance(error, ImportError) else first_line(error)
    return (
        f'{host}, which cannot be imported ({reason}): '
        f'pip install "diffmm[{HOST_EXTRAS[host]}]"{_AND_THEN.get(host, "")}'
    )
