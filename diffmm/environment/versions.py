"""The versions that DiffMM was tested with, and the verdict on the installed ones."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from enum import Enum
from importlib import metadata

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ..operators import DISTRIBUTIONS, name_python

PIP = 'python -m pip install'
# The maintained fork of the hosts: other distribution names, the same import names.
_FORK_PREFIX = 'onedl-'


class Status(Enum):
    """The severity of a finding.

    ``BROKEN`` means that something DiffMM needs will fail; ``WARN`` that it is untested
    or will be missed later; ``INFO`` states a fact.
    """

    OK = 'ok'
    INFO = 'info'
    WARN = 'warn'
    BROKEN = 'BROKEN'


@dataclass(frozen=True)
class Finding:
    """The outcome of one check of the environment.

    Args:
        name: The thing checked.
        status: The verdict.
        detail: The value found.
        remedy: The one shell command that repairs it. Required when ``status`` is
            ``BROKEN``, empty where nothing needs repair.

    Raises:
        ValueError: If a broken finding offers no remedy.
    """

    name: str
    status: Status
    detail: str
    remedy: str = ''

    def __post_init__(self) -> None:
        if self.status is Status.BROKEN and not self.remedy:
            raise ValueError(f'the broken finding {self.name!r} offers no remedy')


@dataclass(frozen=True)
class Package:
    """A package that DiffMM stands on.

    Args:
        label: Name shown in the report.
        distributions: Names it may be installed under, the usual one first; that of
            the maintained fork starts with ``onedl-``.
        tested: Versions that the tests ran with.
        install: Arguments of ``pip install`` that get the tested version.
        overwrites: Distributions to remove first, because they have the same files.
        required: Whether ``import diffmm`` needs it.
        purpose: The use of an optional package.
        fork_tested: As ``tested``, for the fork's distribution.
        fork_install: As ``install``, for the fork's distribution.
    """

    label: str
    distributions: tuple[str, ...]
    tested: str
    install: str
    required: bool = True
    purpose: str = ''
    overwrites: tuple[str, ...] = ()
    fork_tested: str = ''
    fork_install: str = ''

    @property
    def command(self) -> str:
        """The shell command that installs the tested version."""
        remove = f'python -m pip uninstall -y {" ".join(self.overwrites)} && '
        return f'{remove if self.overwrites else ""}{PIP} {self.install}'

    def of_fork(self) -> Package:
        """Returns the fork's counterpart, or itself where the fork has none."""
        if not self.fork_install:
            return self
        forks = [name for name in self.distributions if is_fork(name)]
        return replace(
            self,
            tested=self.fork_tested,
            install=self.fork_install,
            overwrites=tuple(forks) if self.overwrites else (),
        )


TESTED = (
    Package('torch', ('torch',), '>=2.6,<2.15', 'torch==2.11.0 torchvision==0.26.0'),
    Package('torchvision', ('torchvision',), '>=0.21,<0.30', 'torchvision==0.26.0'),
    Package('numpy', ('numpy',), '>=1.24,<2.5', 'numpy==1.26.4'),
    Package(
        'opencv',
        ('opencv-python', 'opencv-python-headless', 'opencv-contrib-python'),
        '>=4.8,<5.1',
        'opencv-python==4.11.0.86',
    ),
    Package(
        'mmengine',
        ('mmengine', 'onedl-mmengine'),
        '~=0.10.7',
        'mmengine==0.10.7',
        fork_tested='~=0.10.12',
        fork_install='onedl-mmengine==0.10.12',
    ),
    Package(
        'mmcv',
        ('mmcv-lite', 'mmcv', 'onedl-mmcv', 'mmcv-full'),
        '~=2.1.0',
        'mmcv-lite==2.1.0',  # mmcv itself would be compiled
        required=False,
        purpose='every host library',
        fork_tested='~=2.3.6',
        fork_install='onedl-mmcv==2.3.6',
        overwrites=DISTRIBUTIONS,
    ),
    Package(
        'mmseg',
        ('mmsegmentation', 'onedl-mmsegmentation'),
        '~=1.2.2',
        'mmsegmentation==1.2.2 ftfy regex',
        required=False,
        purpose='segmentation and depth',
        fork_tested='~=1.4.2',
        fork_install='onedl-mmsegmentation==1.4.2 ftfy regex',
    ),
    Package(
        'mmdet',
        ('mmdet', 'onedl-mmdetection'),
        '~=3.3.0',
        'mmdet==3.3.0',
        required=False,
        purpose='detection and referring segmentation',
        fork_tested='~=3.5.1',
        fork_install='onedl-mmdetection==3.5.1',
    ),
    Package(
        'mmpose',
        ('mmpose',),
        '~=1.3.2',
        '--no-deps mmpose==1.3.2',
        required=False,
        purpose='pose estimation',
    ),
    Package('diffusers', ('diffusers',), '>=0.35,<0.43', 'diffusers==0.42.1'),
    Package('transformers', ('transformers',), '>=4.57,<6', 'transformers==5.23.0'),
    Package('open_clip', ('open_clip_torch',), '>=2.24,<4', 'open_clip_torch==3.3.0'),
    Package('pycocotools', ('pycocotools',), '~=2.0', 'pycocotools==2.0.11'),
    Package(
        'peft',
        ('peft',),
        '>=0.17,<0.22',
        'peft==0.21.2',
        required=False,
        purpose='low-rank adaptation',
    ),
)


def installed_version(package: Package) -> str | None:
    """Looks up the installed version without importing the package.

    Args:
        package: The package to look for, under any of its names.

    Returns:
        The version, or ``None`` where it is not installed.
    """
    versions = map(version_of, package.distributions)
    return next((version for version in versions if version is not None), None)


def uses_fork() -> bool:
    """Returns True where the maintained fork is installed, and no release beside it."""
    found = [
        name
        for package in TESTED
        if any(map(is_fork, package.distributions))
        for name in package.distributions
        if version_of(name) is not None
    ]
    return bool(found) and all(map(is_fork, found))


def current_packages() -> tuple[Package, ...]:
    """Lists the packages with the versions and commands of the installed stack.

    Returns:
        ``TESTED``, or its counterparts of the maintained fork where that is installed.
    """
    return tuple(p.of_fork() for p in TESTED) if uses_fork() else TESTED


def is_fork(distribution: str) -> bool:
    """Returns True for a distribution of the maintained fork."""
    return distribution.startswith(_FORK_PREFIX)


def version_of(distribution: str) -> str | None:
    """Looks up the version of a distribution; ``None`` if it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def check_version(package: Package) -> Finding:
    """Compares the installed version of a package with the tested range.

    Args:
        package: The package to check.

    Returns:
        ``BROKEN`` if a required package is missing, ``WARN`` outside the tested range,
        ``INFO`` for a missing optional package, else ``OK``. ``detail`` is the version.
    """
    version = installed_version(package)
    if version is None and package.required:
        return Finding(package.label, Status.BROKEN, 'missing', package.command)
    if version is None:
        return Finding(
            package.label,
            Status.INFO,
            f'missing (for {package.purpose})',
            package.command,
        )
    if Version(version) in SpecifierSet(package.tested, prereleases=True):
        return Finding(package.label, Status.OK, version)
    return Finding(package.label, Status.WARN, version, package.command)


def warn_untested_versions() -> None:
    """Warns, in one message, about packages outside the tested range."""
    findings = [(package, check_version(package)) for package in current_packages()]
    untested = [
        f'{package.label} {finding.detail} (tested: {package.tested})'
        for package, finding in findings
        if finding.status is Status.WARN
    ]
    if untested:
        warnings.warn(
            f'DiffMM was not tested with {", ".join(untested)}. If something fails, '
            f'run: {name_python("python -m diffmm.doctor")}',
            stacklevel=2,
        )
