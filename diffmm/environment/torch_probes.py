"""Checks of PyTorch: its build and torchvision's, its threads, and its GPU.

They import torch, if at all, when they run: the doctor has to work where it is broken.
"""

from __future__ import annotations

import importlib

from packaging.version import Version

from ..utils.host_import import IMPORT_FAILURES, first_line
from .openmp import describe_waiting, find_openmp
from .versions import PIP, TESTED, Finding, Status, version_of

_COMMANDS = {package.label: package.command for package in TESTED}


def probe_torchvision() -> Finding:
    """Checks that torchvision's compiled operators match torch's version and build."""
    name = 'torchvision operators'
    torch_version, vision_version = version_of('torch'), version_of('torchvision')
    if torch_version is None or vision_version is None:
        missing = 'torch' if torch_version is None else 'torchvision'
        remedy = _COMMANDS[missing]
        return Finding(name, Status.BROKEN, f'{missing} is missing', remedy)
    try:
        torch = importlib.import_module('torch')
        ops = importlib.import_module('torchvision.ops')
        ops.nms(torch.tensor([[0.0, 0.0, 1.0, 1.0]]), torch.tensor([1.0]), 0.5)
    except IMPORT_FAILURES as error:
        detail = f'{vision_version} does not fit torch {torch_version} '
        # Not --force-reinstall, which would bring the newest numpy and others as well.
        remedy = (
            'python -m pip uninstall -y torch torchvision && '
            f'{PIP} {_matching(torch_version)}'
        )
        return Finding(name, Status.BROKEN, detail + f'({first_line(error)})', remedy)
    return Finding(name, Status.OK, f'{vision_version} fits torch {torch_version}')


def _matching(torch_version: str) -> str:
    """Pins both packages, so that both come from one index (2.11 goes with 0.26)."""
    version = Version(torch_version)
    vision = f'0.{version.minor + 15}.{version.micro}'
    return f'torch=={version.base_version} torchvision=={vision}'


def probe_openmp() -> Finding:
    """Checks how PyTorch's CPU threads wait for each other."""
    name, library = 'OpenMP threads', find_openmp()
    if library in ('Intel', 'LLVM'):
        return Finding(name, Status.INFO, f"{library}'s library: nothing to set")
    setting = describe_waiting()
    unset = setting.startswith('not set')
    return Finding(name, Status.WARN if unset else Status.OK, setting)


def probe_gpu() -> Finding:
    """Describes the GPU, its bf16 support, and whether torch was built for it."""
    name = 'GPU'
    try:
        torch = importlib.import_module('torch')
    except IMPORT_FAILURES as error:
        return Finding(name, Status.BROKEN, first_line(error), _COMMANDS['torch'])
    if not torch.cuda.is_available():
        build = torch.version.cuda
        detail = f'none usable (torch built for {f"CUDA {build}" if build else "CPU"})'
        return Finding(name, Status.INFO, f'{detail}; training runs on the CPU')
    device = torch.cuda.get_device_name(0)
    major, minor = torch.cuda.get_device_capability(0)
    built_for = torch.cuda.get_arch_list()
    # Binaries run on any later minor version of the same major architecture.
    if not any(_arch_runs_on(arch, major, minor) for arch in built_for):
        detail = f'{device} is sm_{major}{minor}; torch was built for {built_for}'
        remedy = f'{PIP} --upgrade --force-reinstall torch torchvision'
        return Finding(name, Status.BROKEN, detail, remedy)
    bf16 = 'yes' if torch.cuda.is_bf16_supported(including_emulation=False) else 'no'
    count = torch.cuda.device_count()
    return Finding(name, Status.OK, f'{count} x {device}, bf16: {bf16}')


def _arch_runs_on(arch: str, major: int, minor: int) -> bool:
    kind, _, digits = arch.partition('_')
    digits = digits.rstrip('abcdef')
    built = (int(digits[:-1]), int(digits[-1]))
    if kind == 'compute':  # PTX, compiled for the device when it is loaded
        return built <= (major, minor)
    return built[0] == major and built[1] <= minor
