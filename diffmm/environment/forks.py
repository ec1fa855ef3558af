"""Released hosts mixed with those of the maintained fork (``onedl-mmengine``, ...).

Both install the same import packages, so one overwrites files of the other, and pip
takes those away with whichever is removed first.
"""

from __future__ import annotations

import warnings

from ..operators import find_fault, name_python
from .versions import PIP, TESTED, is_fork, version_of

FORKED = tuple(
    package for package in TESTED if any(map(is_fork, package.distributions))
)


def find_mixture() -> tuple[str, str]:
    """Looks for packages of the fork beside released ones.

    Returns:
        The fault and the shell command that mends it, which leaves released packages
        only; both empty where all are of one kind.
    """
    found = {
        package: [name for name in package.distributions if version_of(name)]
        for package in FORKED
    }
    forks = [name for names in found.values() for name in names if is_fork(name)]
    released = [name for names in found.values() for name in names if name not in forks]
    if not forks or not released:
        return '', ''
    # A released package whose files a fork overwrote has to come anew.
    affected = [package for package in FORKED if any(map(is_fork, found[package]))]
    remove = ' '.join(name for package in affected for name in found[package])
    install = ' '.join(package.install for package in affected)
    return (
        f'{", ".join(forks)} of the fork beside {", ".join(released)}',
        f'python -m pip uninstall -y {remove} && {PIP} {install}',
    )


def warn_broken_installation() -> None:
    """Warns in one line about packages that were installed over each other."""
    for fault, remedy in (find_mixture(), find_fault()):
        if fault:
            command = name_python(remedy)
            warnings.warn(f'{fault}. This mends it: {command}', stacklevel=3)
