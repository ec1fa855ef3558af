"""Importing classes that need one of the host libraries."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NoReturn

from mmengine.registry import Registry

HOST_EXTRAS = {'mmseg': 'seg', 'mmdet': 'det', 'mmpose': 'pose'}
# mmpose's metadata asks for a package that no longer builds, so no extra can name it.
_AND_THEN = {'mmpose': ' && pip install --no-deps "mmpose>=1.3.2,<2"'}


def import_with_host(
    name: str, module: str, package: str, host: str, registry: Registry
) -> Any:
    """Imports a class that needs a host, or registers an error in its place.

    DiffMM can be used with any of the hosts missing. A config that names the class all
    the same learns what is missing when it is built, instead of that an unknown name
    is in no registry.

    Args:
        name: The class.
        module: Where it is, relative to ``package``; importing it registers the class.
        package: The package that imports it.
        host: ``'mmseg'``, ``'mmdet'`` or ``'mmpose'``.
        registry: Where the class would be registered.

    Returns:
        The class, or a function that raises ``ImportError``.

    Raises:
        ImportError: What cannot be imported is part of DiffMM.
    """
    try:
        return getattr(importlib.import_module(module, package), name)
    except ImportError as error:
        if (error.name or '').partition('.')[0] == 'diffmm':
            raise
        stand_in = _missing(name, host, error)
        registry.register_module(name=name, module=stand_in)
        return stand_in


def require_host(host: str) -> None:
    """Checks that a host library is there.

    Args:
        host: ``'mmseg'``, ``'mmdet'`` or ``'mmpose'``.

    Raises:
        ImportError: It, or what it needs in turn, cannot be imported; the message says
            how to install it.
    """
    try:
        # The package alone comes without what its models need: mmpose's need mmdet.
        importlib.import_module(f'{host}.models')
    except ImportError as error:
        raise ImportError(_explain(host, error)) from error


def _missing(name: str, host: str, error: ImportError) -> Callable[..., NoReturn]:
    def fail(*args: Any, **kwargs: Any) -> NoReturn:
        raise ImportError(f'{name} needs {_explain(host, error)}') from error

    return fail


def _explain(host: str, error: ImportError) -> str:
    return (
        f'{host}, which cannot be imported ({error}): '
        f'pip install "diffmm[{HOST_EXTRAS[host]}]"{_AND_THEN.get(host, "")}'
    )
