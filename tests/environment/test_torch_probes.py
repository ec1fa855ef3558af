from __future__ import annotations

import importlib
import types
from pathlib import Path

import pytest
import torch

from diffmm.environment import torch_probes
from diffmm.environment.versions import Status
from tests.environment.installation import add_distribution


def test_torchvision_of_another_build(broken_import, monkeypatch):
    versions = dict(torch='2.13.0+cpu', torchvision='0.28.0')
    monkeypatch.setattr(torch_probes, 'version_of', versions.get)
    error = RuntimeError('operator torchvision::nms does not exist')
    broken_import('torchvision.ops', error)
    finding = torch_probes.probe_torchvision()
    assert finding.status is Status.BROKEN and 'torchvision::nms' in finding.detail
    assert finding.remedy.endswith('torch==2.13.0 torchvision==0.28.0')


@pytest.mark.parametrize('missing', ['torch', 'torchvision'])
def test_torchvision_or_torch_missing(monkeypatch, missing):
    versions = dict(torch='2.13.0+cpu', torchvision='0.28.0') | {missing: None}
    monkeypatch.setattr(torch_probes, 'version_of', versions.get)
    finding = torch_probes.probe_torchvision()
    assert finding.status is Status.BROKEN
    assert finding.detail == f'{missing} is missing' and missing in finding.remedy


@pytest.mark.parametrize(
    ('library', 'environment', 'status', 'detail'),
    [
        ('GNU', dict(GOMP_SPINCOUNT='5000'), Status.OK, 'set by DiffMM'),
        (
            'GNU',
            dict(GOMP_SPINCOUNT='7'),
            Status.OK,
            'GOMP_SPINCOUNT=7, set by the user',
        ),
        ('', dict(OMP_WAIT_POLICY='PASSIVE'), Status.OK, 'OMP_WAIT_POLICY=PASSIVE'),
        ('GNU', dict(), Status.WARN, 'not set'),
        ('Intel', dict(), Status.INFO, 'nothing to set'),
    ],
)
def test_how_threads_wait(monkeypatch, library, environment, status, detail):
    monkeypatch.setattr(torch_probes, 'find_openmp', lambda: library)
    for name in ('GOMP_SPINCOUNT', 'OMP_WAIT_POLICY'):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    finding = torch_probes.probe_openmp()
    assert finding.status is status and detail in finding.detail


def fake_torch(capability, arch_list, bf16=True):
    cuda = types.SimpleNamespace(
        is_available=lambda: True,
        get_device_name=lambda index: 'Some GPU',
        get_device_capability=lambda index: capability,
        get_arch_list=lambda: arch_list,
        is_bf16_supported=lambda including_emulation: bf16,
        device_count=lambda: 2,
    )
    return types.SimpleNamespace(cuda=cuda)


@pytest.mark.parametrize(
    ('capability', 'arch_list', 'status'),
    [
        ((9, 0), ['sm_80', 'sm_90'], Status.OK),
        ((8, 6), ['sm_80'], Status.OK),
        ((12, 0), ['sm_90', 'compute_90'], Status.OK),
        ((12, 0), ['sm_80', 'sm_90a'], Status.BROKEN),
        ((7, 5), ['sm_80', 'compute_80'], Status.BROKEN),
    ],
)
def test_gpu_architecture(monkeypatch, capability, arch_list, status):
    fake = fake_torch(capability, arch_list)
    monkeypatch.setattr(importlib, 'import_module', lambda name: fake)
    assert torch_probes.probe_gpu().status is status


def test_gpu_report_names_count_and_bf16(monkeypatch):
    fake = fake_torch((7, 5), ['sm_75'], bf16=False)
    monkeypatch.setattr(importlib, 'import_module', lambda name: fake)
    assert torch_probes.probe_gpu().detail == '2 x Some GPU, bf16: no'


def test_no_gpu_is_stated_not_broken(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    finding = torch_probes.probe_gpu()
    assert finding.status is Status.INFO and 'CPU' in finding.detail


def test_torch_that_does_not_import(broken_import):
    broken_import('torch', OSError('libcudart.so.13: cannot open shared object file'))
    finding = torch_probes.probe_gpu()
    assert finding.status is Status.BROKEN and 'libcudart' in finding.detail


# Without the hosts, whose import takes long and would fail here.
PROBE = f"""
import sys, types
sys.modules['diffmm'] = types.ModuleType('diffmm')
sys.modules['diffmm'].__path__ = [{str(Path(torch_probes.__file__).parents[1])!r}]
from diffmm.environment.torch_probes import probe_torchvision
print(probe_torchvision())
"""


def test_the_files_of_a_torchvision_of_another_build(tmp_path, run_python):
    """torchvision whose compiled part does not load; the error is its own."""
    package = Path(importlib.util.find_spec('torchvision').origin).parent
    (tmp_path / 'torchvision').mkdir()
    for path in package.iterdir():
        if not path.name.startswith(('_C.', '_C_stable.')):
            (tmp_path / 'torchvision' / path.name).symlink_to(path)
    add_distribution(tmp_path, 'torchvision', '0.25.0+cpu')
    result = run_python('-c', PROBE, path=(tmp_path,), cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert (
        'BROKEN' in result.stdout and '0.25.0+cpu does not fit torch' in result.stdout
    )
    assert 'operator torchvision::nms does not exist' in result.stdout
    assert 'python -m pip uninstall -y torch torchvision && ' in result.stdout
    assert 'python -m pip install torch==' in result.stdout
