"""Checks that run a part of the environment, because a version number proves little.

Each probe takes no argument and returns one :class:`Finding`. A probe imports only the
packages that it checks, so a broken package spoils only its own line.
"""

from __future__ import annotations

import importlib
import importlib.util
import shlex
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace

from ..operators import compile_command, operator_status
from ..utils.host_import import IMPORT_FAILURES, first_line
from .folders import (
    SOURCE,
    probe_copies,
    probe_environment,
    probe_files,
    probe_forks,
    probe_mmcv_files,
    probe_source,
)
from .torch_probes import probe_gpu, probe_openmp, probe_torchvision
from .versions import (
    PIP,
    Finding,
    Status,
    current_packages,
    installed_version,
    uses_fork,
    version_of,
)

# 'tree' in CLIP's vocabulary, between begin and end.
_TREE = [49406, 2677, 49407]
_PACKAGES = {package.label: package for package in current_packages()}


def _version(label: str) -> str | None:
    return installed_version(_PACKAGES[label])


def _has_mmcv() -> bool:
    """Returns True where mmcv can be found; a clone of it has no metadata."""
    return importlib.util.find_spec('mmcv') is not None


def probe_python() -> Finding:
    """Checks the interpreter; mmengine needs ``pkgutil.find_loader``, gone in 3.14."""
    version = '.'.join(str(part) for part in sys.version_info[:3])
    if (3, 10) <= sys.version_info[:2] < (3, 14):
        return Finding('python', Status.OK, version)
    return Finding(
        'python',
        Status.BROKEN,
        f'{version} is outside 3.10 to 3.13',
        'python3.11 -m venv .venv',
    )


def probe_pkg_resources() -> Finding:
    """Checks for ``pkg_resources``, which setuptools 82 removed.

    mmengine 0.10.7 needs it for ``mmseg::`` base configs and mmpose for its import;
    that of the fork does not.
    """
    name = 'pkg_resources'
    if uses_fork():
        return Finding(name, Status.OK, 'not needed by the fork')
    if importlib.util.find_spec(name) is not None:
        return Finding(name, Status.OK, 'present')
    detail = "missing: 'mmseg::...' configs, mmpose and mim need it"
    return Finding(name, Status.BROKEN, detail, f"{PIP} 'setuptools<80'")


def probe_mmcv_ops() -> Finding:
    """Checks who computes mmcv's operators: compiled code, or DiffMM."""
    name = 'mmcv operators'
    if not _has_mmcv():
        return Finding(name, Status.INFO, 'mmcv is not installed')
    try:
        importlib.import_module('torch')
        status = operator_status()
    except IMPORT_FAILURES as error:
        # Usually compiled for another build of PyTorch. Replaced ones work with any.
        detail = f'do not load ({first_line(error)})'
        return Finding(name, Status.BROKEN, detail, _PACKAGES['mmcv'].command)
    if status.kind == 'compiled':
        return Finding(name, Status.OK, 'compiled')
    counts = f'{len(status.replaced)} replaced by DiffMM, {len(status.missing)} missing'
    return Finding(name, Status.INFO, f'{counts} (listed below)', compile_command())


def probe_mmcv_bound() -> Finding:
    """Checks the bound that mmseg 1.2 and mmdet 3.3 put on mmcv in an assertion."""
    name = 'mmcv for mmseg, mmdet'
    hosts = [host for host in ('mmseg', 'mmdet') if _version(host) is not None]
    if not hosts:
        return Finding(name, Status.INFO, 'neither is installed')
    if not _has_mmcv():
        detail = f'{" and ".join(hosts)} cannot be imported without mmcv'
        return Finding(name, Status.BROKEN, detail, _PACKAGES['mmcv'].command)
    failures = {host: _import_failure(host) for host in hosts}
    broken = {host: text for host, text in failures.items() if text}
    if not broken:
        version = importlib.import_module('mmcv').__version__
        return Finding(name, Status.OK, f'{" and ".join(hosts)} accept {version}')
    detail = '; '.join(f'{host}: {text}' for host, text in broken.items())
    return Finding(name, Status.BROKEN, detail, _PACKAGES['mmcv'].command)


def _import_failure(module: str) -> str:
    try:
        importlib.import_module(module)
    except IMPORT_FAILURES as error:
        return first_line(error)
    return ''


def probe_xtcocotools() -> Finding:
    """Checks that xtcocotools was built for the installed numpy (mmpose needs it)."""
    name = 'xtcocotools'
    if _version('mmpose') is None:
        return Finding(name, Status.INFO, 'not needed: mmpose is not installed')
    failure = _import_failure('xtcocotools._mask')
    if not failure:
        return Finding(name, Status.OK, f'fits numpy {_version("numpy")}')
    if version_of(name) is None:
        remedy = f'{PIP} --no-build-isolation {name}==1.14.3'
        return Finding(name, Status.BROKEN, 'missing', remedy)
    remedy = (
        f'{PIP} cython && {PIP} --force-reinstall --no-deps --no-build-isolation '
        '--no-cache-dir --no-binary xtcocotools xtcocotools==1.14.3'
    )
    return Finding(name, Status.BROKEN, failure, remedy)


def probe_checkpoints() -> Finding:
    """Checks that mmengine's own checkpoints load with torch's safe unpickler."""
    name = 'checkpoint loading'
    try:
        checkpoints = importlib.import_module('diffmm.environment.safe_checkpoints')
        checkpoints.allow_mmengine_checkpoints()
        checkpoints.verify_checkpoint_loading()
    except IMPORT_FAILURES as error:
        packages = (_PACKAGES[label].install for label in ('torch', 'mmengine'))
        remedy = f'{PIP} {" ".join(packages)}'
        return Finding(name, Status.BROKEN, first_line(error), remedy)
    return Finding(name, Status.OK, "mmengine's types are allow-listed in torch.load")


def probe_text_encoder() -> Finding:
    """Encodes words, since transformers changes its tokenizers and parameter names."""
    name = 'text encoder'
    remedy = _PACKAGES['transformers'].command
    try:
        diffusion = importlib.import_module('diffmm.diffusion')
        architecture = diffusion.load_architecture('mini')
        encoder = diffusion.open_prior('mini').text_encoder(architecture)
        ids = diffusion.load_tokenizer()('tree').input_ids
        short, long = encoder(['tree', 'tree and sky']).tokens
    except IMPORT_FAILURES as error:
        return Finding(name, Status.BROKEN, first_line(error), remedy)
    if ids != _TREE:
        detail = f"the tokenizer makes {ids} of 'tree', not {_TREE}"
        return Finding(name, Status.BROKEN, detail, remedy)
    # A token sees those before it. (The begin token and the word stand in both texts.)
    same = bool((short[:2] - long[:2]).abs().max() < 1e-4)
    different = bool((short[2:] - long[2:]).abs().max() > 1e-2)
    if not same or not different:
        detail = 'features do not depend on the words before them, and only on those'
        return Finding(name, Status.BROKEN, detail, remedy)
    return Finding(name, Status.OK, "encodes 'tree'")


def probe_import() -> Finding:
    """Checks that every part of DiffMM imports and registers."""
    name = 'import diffmm'
    try:
        with warnings.catch_warnings():  # of what other lines of the report say
            warnings.simplefilter('ignore')
            importlib.import_module('diffmm').register_all_modules()
    except IMPORT_FAILURES as error:
        # The stamps say that everything is installed.
        anew = f'cd {shlex.quote(str(SOURCE))} && rm -rf .venv/.stamps && make install'
        remedy = anew if (SOURCE / 'Makefile').exists() else f'{PIP} "diffmm[seg,det]"'
        return Finding(name, Status.BROKEN, first_line(error), remedy)
    return Finding(name, Status.OK, 'everything registers')


PROBES: tuple[Callable[[], Finding], ...] = (
    probe_python,
    probe_environment,
    probe_source,
    probe_copies,
    probe_files,
    probe_pkg_resources,
    probe_torchvision,
    probe_forks,
    probe_mmcv_files,
    probe_mmcv_ops,
    probe_mmcv_bound,
    probe_xtcocotools,
    probe_checkpoints,
    probe_text_encoder,
    probe_gpu,
    probe_openmp,
    probe_import,
)


# What the rest stands on, and what cannot be imported without it.
_CAUSES = (probe_files, probe_torchvision, probe_forks, probe_mmcv_files)
_CONSEQUENCES = (
    probe_mmcv_ops,
    probe_mmcv_bound,
    probe_checkpoints,
    probe_text_encoder,
    probe_import,
)


def run_probes() -> list[Finding]:
    """Runs every probe.

    Returns:
        One finding per probe, in the order of :data:`PROBES`. What is broken because
        something else is has the command of that.
    """
    findings = {probe: probe() for probe in PROBES}
    broken = {probe for probe in PROBES if findings[probe].status is Status.BROKEN}
    cause = next((findings[probe] for probe in _CAUSES if probe in broken), None)
    for probe in broken.intersection(_CONSEQUENCES if cause else ()):
        findings[probe] = replace(findings[probe], remedy=cause.remedy)
    return list(findings.values())
