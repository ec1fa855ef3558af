"""Checks of where Python finds its packages, and of whether all of them is there.

They read names and metadata only: they have to work where nothing can be imported.
"""

from __future__ import annotations

import csv
import importlib.util
import os
import re
import shlex
import site
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path

from ..operators import find_fault
from .forks import FORKED, find_mixture
from .versions import (
    PIP,
    TESTED,
    Finding,
    Package,
    Status,
    installed_version,
    is_fork,
    version_of,
)

SOURCE = Path(__file__).parents[2]


def probe_environment() -> Finding:
    """Checks that this environment is the active one, was not moved, and is one."""
    name, here = 'environment', Path(sys.prefix)
    origin = _origin(here)
    if origin and not _same(origin, here):
        detail = f'{here} was moved or copied from {origin}: pip and activate name that'
        return Finding(name, Status.WARN, detail, _rebuild(here))
    active = os.environ.get('VIRTUAL_ENV')
    if active and not _same(active, here):
        detail = f'{active} is active, but this is the Python of {here}'
        activate = here / 'bin' / 'activate'
        remedy = f'source {_quote(activate)}' if activate.exists() else 'deactivate'
        return Finding(name, Status.WARN, detail, remedy)
    pythons = sorted(
        path.parent.name for path in here.glob('lib/python3.*/site-packages')
    )
    if sys.prefix != sys.base_prefix and len(pythons) > 1:
        detail = f'{here} holds packages of {" and ".join(pythons)}'
        return Finding(name, Status.WARN, detail, _rebuild(here))
    return Finding(name, Status.OK, str(here))


def _same(one: str | Path, other: str | Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _quote(path: str | Path) -> str:
    return shlex.quote(str(path))


def _origin(environment: Path) -> str:
    """The folder that an environment was made in; empty if it does not say."""
    script = environment / 'bin' / 'activate'
    text = script.read_text(encoding='utf-8') if script.is_file() else ''
    found = re.findall(r'^\s*(?:export )?VIRTUAL_ENV=([^$\n]+)$', text, re.MULTILINE)
    return shlex.split(found[-1])[0] if found else ''


def _rebuild(environment: Path) -> str:
    if _same(environment.parent, SOURCE) and environment.name == '.venv':
        return f'rm -rf {_quote(environment)} && make -C {_quote(SOURCE)} install'
    python = Path(sys.base_prefix) / 'bin' / f'python3.{sys.version_info.minor}'
    return f'{_quote(python)} -m venv --clear {_quote(environment)}'


def probe_source() -> Finding:
    """Checks that a script gets the DiffMM that ``python -m`` finds in this folder.

    A clone that was copied with its environment has an environment which still names
    the first clone.
    """
    name = 'source of diffmm'
    scripts = _source_for_scripts()
    if scripts is None or _same(scripts, SOURCE):
        return Finding(name, Status.OK, str(SOURCE))
    return Finding(
        name,
        Status.WARN,
        f'{SOURCE} here, but scripts such as tools/train.py import that of {scripts}',
        f'{PIP} --no-build-isolation --no-deps --editable {_quote(SOURCE)}',
    )


def _source_for_scripts() -> Path | None:
    """The folder whose ``diffmm`` is imported outside the working directory."""
    here = os.getcwd()
    named = [*filter(None, os.environ.get('PYTHONPATH', '').split(os.pathsep))]
    paths = [path for path in sys.path if path in named or not _same(path, here)]
    spec = PathFinder.find_spec('diffmm', paths)
    for finder in sys.meta_path:
        # That of an editable installation, which pip puts after the path.
        if spec is None and 'editable' in repr(finder).lower():
            spec = finder.find_spec('diffmm', None)
    return Path(spec.origin).parents[1] if spec and spec.origin else None


def probe_mmcv_files() -> Finding:
    """Checks that mmcv is installed once and whole."""
    name = 'mmcv files'
    fault, remedy = find_fault()
    if fault:
        return Finding(name, Status.BROKEN, fault, remedy)
    if importlib.util.find_spec('mmcv') is None:
        return Finding(name, Status.INFO, 'mmcv is not installed')
    return Finding(name, Status.OK, 'one whole installation')


def probe_forks() -> Finding:
    """Checks that the hosts are all released ones, or all of the maintained fork."""
    name = 'releases and fork'
    fault, remedy = find_mixture()
    if fault:
        return Finding(name, Status.BROKEN, fault, remedy)
    kinds = [p.label for p in FORKED if installed_version(p) is not None]
    return Finding(name, Status.OK, f'{", ".join(kinds) or "none installed"}: one kind')


def probe_copies() -> Finding:
    """Checks that no package is there twice, in one folder or in two."""
    name = 'copies of packages'
    for package in TESTED:
        names = [each for each in package.distributions if version_of(each)]
        if package.label == 'opencv' and len(names) > 1:
            detail = f'{" and ".join(names)} are installed over each other'
            return Finding(name, Status.WARN, detail, _anew(package, names))
        for distribution in names:
            first, *others = _copies(distribution)
            folder = first.locate_file('')
            beside = [each for each in others if _same(each.locate_file(''), folder)]
            versions = sorted({each.version for each in (first, *beside)})
            if len(versions) > 1:
                detail = f'{distribution} is both {" and ".join(versions)} in {folder}'
                remedy = _anew(package, [distribution])
                return Finding(name, Status.BROKEN, detail, remedy)
            hidden = [each for each in others if _is_below(each, sys.prefix)]
            if hidden and not _is_below(first, sys.prefix):
                detail = (
                    f'{distribution} {first.version} in {folder} hides '
                    f'{hidden[0].version} of this environment'
                )
                return Finding(name, Status.WARN, detail, _unhide(folder, distribution))
    return Finding(name, Status.OK, 'none')


def _copies(distribution: str) -> list[metadata.Distribution]:
    found = metadata.distributions(name=distribution)
    return [each for each in found if each.metadata['Version']]


def _is_below(distribution: metadata.Distribution, folder: str) -> bool:
    path = os.path.realpath(distribution.locate_file(''))
    return Path(path).is_relative_to(os.path.realpath(folder))


def _anew(package: Package, names: list[str]) -> str:
    forked = any(map(is_fork, names))
    install = package.of_fork().install if forked else package.install
    return f'python -m pip uninstall -y {" ".join(names)} && {PIP} {install}'


def _unhide(folder: os.PathLike[str], distribution: str) -> str:
    if site.ENABLE_USER_SITE and _same(folder, site.getusersitepackages()):
        return f'python -m pip uninstall -y {distribution}'
    return 'unset PYTHONPATH'


def probe_files() -> Finding:
    """Checks that the files of every package are there, as pip wrote them down.

    A full disk, or a process that was killed, leaves a part of them.
    """
    name = 'files of packages'
    for package in TESTED:
        # What find_fault knows has a line and a command of its own.
        if package.label == 'mmcv' and any(find_fault()):
            continue
        for distribution in package.distributions:
            gone = list(_gone(distribution))
            if gone:
                detail = (
                    f'{len(gone)} files of {distribution} are gone, {gone[0]} for one'
                )
                return Finding(
                    name, Status.BROKEN, detail, _reinstall(package, distribution)
                )
    return Finding(name, Status.OK, 'all there')


def _gone(distribution: str) -> Iterator[str]:
    """Yields the modules of a distribution that do not exist.

    Tests may go: some put them where every package has its own, in ``tests``.
    """
    try:
        found = metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return
    # `files` leaves out what is gone, from Python 3.12 on.
    for row in csv.reader((found.read_text('RECORD') or '').splitlines()):
        if not row or 'tests' in Path(row[0]).parts:
            continue
        if row[0].endswith(('.py', '.so')):
            if not os.path.exists(found.locate_file(row[0])):
                yield row[0]


def _reinstall(package: Package, distribution: str) -> str:
    if package.overwrites:  # not the same anew, which would be compiled
        return (package.of_fork() if is_fork(distribution) else package).command
    version = version_of(distribution).partition('+')[0]
    return f'{PIP} --force-reinstall --no-deps {distribution}=={version}'
