"""The versions DiffMM was tested with, and what to do about others."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from .finding import Finding, Status

PIP = 'python -m pip install'


@dataclass(frozen=True)
class Package:
    """A package of the stack.

    Args:
        label: Name shown in the report.
        distributions: Names it may be installed under, the usual one first. The onedl
            forks keep the import name and change only this one.
        tested: Versions the tests ran with.
        install: Arguments of ``pip install`` that get the tested version.
        required: Whether ``import diffmm`` needs it.
        purpose: What an optional package is for.
    """

    label: str
    distributions: tuple[str, ...]
    tested: str
    install: str
    required: bool = True
    purpose: str = ''

    @property
    def command(self) -> str:
        """The shell command that installs the tested version."""
        return f'{PIP} {self.install}'


TESTED = (
    Package('torch', ('torch',), '>=2.11,<2.14', 'torch==2.11.0 torchvision==0.26.0'),
    Package('torchvision', ('torchvision',), '>=0.26,<0.29', 'torchvision==0.26.0'),
    Package('numpy', ('numpy',), '>=1.26,<2.5', 'numpy==1.26.4'),
    Package(
        'opencv',
        ('opencv-python', 'opencv-python-headless', 'opencv-contrib-python'),
        '>=4.11,<5.1',
        'opencv-python==4.11.0.86',
    ),
    Package('mmengine', ('mmengine', 'onedl-mmengine'), '~=0.10.7', 'mmengine==0.10.7'),
    Package(
        'mmcv',
        ('mmcv', 'onedl-mmcv', 'mmcv-lite'),
        '~=2.1.0',
        '--no-build-isolation mmcv==2.1.0',
        required=False,
        purpose='every host library',
    ),
    Package(
        'mmseg',
        ('mmsegmentation', 'onedl-mmsegmentation'),
        '~=1.2.2',
        'mmsegmentation==1.2.2 ftfy regex',
        required=False,
        purpose='segmentation and depth',
    ),
    Package(
        'mmdet',
        ('mmdet', 'onedl-mmdetection'),
        '~=3.3.0',
        'mmdet==3.3.0',
        required=False,
        purpose='detection and referring segmentation',
    ),
    Package(
        'mmpose',
        ('mmpose',),
        '~=1.3.2',
        '--no-deps mmpose==1.3.2',
        required=False,
        purpose='pose estimation',
    ),
    Package('diffusers', ('diffusers',), '~=0.42.0', 'diffusers==0.42.1'),
    Package('transformers', ('transformers',), '~=5.23', 'transformers==5.23.0'),
    Package('open_clip', ('open_clip_torch',), '~=3.3', 'open_clip_torch==3.3.0'),
    Package(
        'peft',
        ('peft',),
        '~=0.21.0',
        'peft==0.21.2',
        required=False,
        purpose='low-rank adaptation',
    ),
)


def installed_version(package: Package) -> str | None:
    """Look up the installed version without importing the package.

    Args:
        package: The package to look for, under any of its names.

    Returns:
        The version, or ``None`` where it is not installed.
    """
    for name in package.distributions:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def check_version(package: Package) -> Finding:
    """Compare the installed version of a package with the tested range.

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
