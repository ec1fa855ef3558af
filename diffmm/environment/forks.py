"""Released hosts mixed with those of the maintained fork (``onedl-mmengine``, ...).

Both install the same import packages, so one overwrites files of the other, and pip
takes those away with whichever is removed first.
"""

from __future__ import annotations

import warnings
from importlib import metadata

from ..operators import find_fault
from .versions import PIP, TESTED, Package

_PREFIX = 'onedl-'
FORKED = tuple(
    package
    for package in TESTED
    if any(name.startswith(_PREFIX) for name in package.distributions)
)


def find_mixture() -> tuple[str, str]:
    """Looks for packages of the fork beside released ones.

    Returns:
        The fault and the shell command that mends it, which leaves released packages
        only; both empty where all are of one kind.
    """
    found = {package: _installed(package) for package in FORKED}
    forks = [name for names in found.values() for name in names if _is_fork(name)]
    released = [name for names in found.values() for name in names if name not in forks]
    if not forks or not released:
        return '', ''
    # A released package whose files a fork overwrote has to come anew.
    affected = [package for package in FORKED if any(map(_is_fork, found[package]))]
    remove = ' '.join(name for package in affected for name in found[package])
    install = ' '.join(package.install for package in affected)
    return (
        f'{" and ".join(forks)} of the fork beside {" and ".join(released)}',
        f'python -m pip uninstall -y {remove} && {PIP} {install}',
    )


def warn_broken_installation() -> None:
    """Warns in one line about packages that were installed over each other."""
    for fault, remedy in (find_mixture(), find_fault()):
        if fault:
            warnings.warn(f'{fault}. This mends it: {remedy}', stacklevel=3)


def _installed(package: Package) -> list[str]:
    names = []
    for name in package.distributions:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        names.append(name)
    return names


def _is_fork(name: str) -> bool:
    return name.startswith(_PREFIX)
