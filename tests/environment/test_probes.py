from __future__ import annotations

import importlib
import sys
import types
from importlib import metadata
from pathlib import Path

import pytest
import torch

from diffmm.environment import probes, safe_checkpoints
from diffmm.environment.versions import Status, current_packages
from diffmm.operators import REPLACE, OperatorStatus, compile_command
from tests.environment.installation import add_distribution


@pytest.fixture
def versions(monkeypatch):
    """Set what is installed: a label mapped to a version, or to None for missing."""
    real = probes._version

    def change(**changed):
        monkeypatch.setattr(
            probes,
            '_version',
            lambda label: changed[label] if label in changed else real(label),
        )

    return change


@pytest.fixture
def broken_import(monkeypatch):
    """Make importing a module raise."""
    real = importlib.import_module

    def change(broken, error):
        def import_module(name, *args):
            if name == broken:
                raise error
            return real(name, *args)

        monkeypatch.setattr(importlib, 'import_module', import_module)

    return change


def test_this_environment_is_healthy():
    findings = probes.run_probes()
    assert len(findings) == len(probes.PROBES)
    assert [f for f in findings if f.status is Status.BROKEN] == []


def test_what_else_breaks_is_mended_by_the_same_command(monkeypatch):
    def fail(name, remedy):
        return lambda: probes.Finding(name, Status.BROKEN, 'gone', remedy)

    def run(*failing):
        found = {
            name: fail(name, f'pip install {name}')
            if name in failing
            else lambda name=name: probes.Finding(name, Status.OK, '')
            for name in ('torchvision', 'python', 'text_encoder')
        }
        monkeypatch.setattr(probes, 'PROBES', tuple(found.values()))
        monkeypatch.setattr(probes, '_CAUSES', (found['torchvision'],))
        monkeypatch.setattr(probes, '_CONSEQUENCES', (found['text_encoder'],))
        return [finding.remedy for finding in probes.run_probes()]

    assert run('torchvision', 'python', 'text_encoder') == [
        'pip install torchvision',
        'pip install python',
        'pip install torchvision',
    ]
    assert run('text_encoder') == ['', '', 'pip install text_encoder']
    assert run('torchvision') == ['pip install torchvision', '', '']


@pytest.mark.parametrize('version', [(3, 9, 1), (3, 14, 0)])
def test_python_out_of_range(monkeypatch, version):
    monkeypatch.setattr(sys, 'version_info', version)
    finding = probes.probe_python()
    assert finding.status is Status.BROKEN
    assert '.'.join(map(str, version)) in finding.detail


def test_setuptools_without_pkg_resources(monkeypatch):
    monkeypatch.setattr(probes, 'uses_fork', lambda: False)
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    finding = probes.probe_pkg_resources()
    assert finding.status is Status.BROKEN
    assert finding.remedy == "python -m pip install 'setuptools<80'"


def test_the_fork_needs_no_pkg_resources(monkeypatch):
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    monkeypatch.setattr(probes, 'uses_fork', lambda: True)
    assert probes.probe_pkg_resources().status is Status.OK


def test_torchvision_of_another_build(broken_import, versions):
    versions(torch='2.13.0+cpu', torchvision='0.28.0')
    error = RuntimeError('operator torchvision::nms does not exist')
    broken_import('torchvision.ops', error)
    finding = probes.probe_torchvision()
    assert finding.status is Status.BROKEN and 'torchvision::nms' in finding.detail
    assert finding.remedy.endswith('torch==2.13.0 torchvision==0.28.0')


@pytest.mark.parametrize('missing', ['torch', 'torchvision'])
def test_torchvision_or_torch_missing(versions, missing):
    versions(**{missing: None})
    finding = probes.probe_torchvision()
    assert finding.status is Status.BROKEN
    assert finding.detail == f'{missing} is missing' and missing in finding.remedy


def install_mmcv():
    """The command that installs mmcv without operators."""
    (mmcv,) = [package for package in current_packages() if package.label == 'mmcv']
    assert mmcv.command == REPLACE or 'onedl-mmcv' in mmcv.command
    return mmcv.command


def test_mmcv_whose_operators_do_not_load(broken_import):
    broken_import('mmcv._ext', ImportError('mmcv._ext: undefined symbol: _ZN2at'))
    finding = probes.probe_mmcv_ops()
    assert finding.status is Status.BROKEN and 'mmcv._ext' in finding.detail
    assert finding.remedy == install_mmcv()


def test_operators_that_diffmm_replaces(monkeypatch):
    status = OperatorStatus('replaced', ('nms', 'roi_align'), ('knn',))
    monkeypatch.setattr(probes, 'operator_status', lambda: status)
    finding = probes.probe_mmcv_ops()
    assert finding.status is Status.INFO and finding.remedy == compile_command()
    assert finding.detail == '2 replaced by DiffMM, 1 missing (listed below)'
    monkeypatch.setattr(probes, 'operator_status', lambda: OperatorStatus('compiled'))
    assert probes.probe_mmcv_ops().detail == 'compiled'


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
    monkeypatch.setattr(probes, 'find_openmp', lambda: library)
    for name in ('GOMP_SPINCOUNT', 'OMP_WAIT_POLICY'):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    finding = probes.probe_openmp()
    assert finding.status is status and detail in finding.detail


def test_mmcv_missing_matters_only_to_its_hosts(monkeypatch, versions):
    monkeypatch.setattr(probes, '_has_mmcv', lambda: False)
    assert probes.probe_mmcv_ops().status is Status.INFO
    assert probes.probe_mmcv_bound().status is Status.BROKEN
    versions(mmseg=None, mmdet=None)
    assert probes.probe_mmcv_bound().status is Status.INFO


def test_mmcv_that_mmseg_refuses(broken_import):
    message = 'MMCV==2.2.0 is used but incompatible'
    broken_import('mmseg', AssertionError(message))
    finding = probes.probe_mmcv_bound()
    assert finding.status is Status.BROKEN and message in finding.detail
    assert finding.remedy == install_mmcv()


def test_xtcocotools_built_for_another_numpy(broken_import, versions, monkeypatch):
    broken_import('xtcocotools._mask', ValueError('numpy.dtype size changed'))
    finding = probes.probe_xtcocotools()
    assert finding.status is Status.BROKEN and 'size changed' in finding.detail
    assert '--no-binary xtcocotools' in finding.remedy
    monkeypatch.setattr(probes, 'version_of', lambda name: None)
    finding = probes.probe_xtcocotools()
    assert finding.status is Status.BROKEN and finding.detail == 'missing'
    assert 'cython' not in finding.remedy
    versions(mmpose=None)
    assert probes.probe_xtcocotools().status is Status.INFO


def test_safe_globals_not_in_place(monkeypatch, no_safe_globals):
    monkeypatch.setattr(safe_checkpoints, 'allow_mmengine_checkpoints', lambda: None)
    finding = probes.probe_checkpoints()
    assert finding.status is Status.BROKEN and 'HistoryBuffer' in finding.detail


@pytest.fixture
def text_encoder(monkeypatch):
    """Replace the features of the text encoder by a function of its input."""
    from diffmm.diffusion import TextEncoder, TextFeatures

    def change(encode):
        def forward(self, texts, max_length=77):
            ids = torch.tensor([[1.0, len(text), len(text)] for text in texts])
            tokens = encode(ids)[..., None]
            return TextFeatures(tokens, tokens[:, -1], torch.full((len(texts),), 3))

        monkeypatch.setattr(TextEncoder, 'forward', forward)

    return change


def test_words_are_encoded():
    finding = probes.probe_text_encoder()
    assert (finding.status, finding.detail) == (Status.OK, "encodes 'tree'")


@pytest.mark.parametrize(
    'encode', [torch.zeros_like, lambda ids: ids.flip(1)], ids=['constant', 'mixed up']
)
def test_features_of_other_words(text_encoder, encode):
    text_encoder(encode)
    finding = probes.probe_text_encoder()
    assert finding.status is Status.BROKEN and 'features' in finding.detail
    assert finding.remedy == 'python -m pip install transformers==5.23.0'


def test_a_tokenizer_that_splits_words_differently(monkeypatch):
    import diffmm.diffusion

    def tokenize(text):
        return types.SimpleNamespace(input_ids=[49406, 1, 2, 49407])

    monkeypatch.setattr(diffmm.diffusion, 'load_tokenizer', lambda: tokenize)
    finding = probes.probe_text_encoder()
    assert finding.status is Status.BROKEN and '[49406, 1, 2, 49407]' in finding.detail


def test_text_weights_that_do_not_fit(monkeypatch):
    """As transformers 4 did when its parameters had other names."""
    from diffmm.diffusion import text_encoder

    class Wrapped(torch.nn.Module):
        def __init__(self, model):
            super().__init__()
            self.text_model = model
            self.config = model.config

        @property
        def embeddings(self):
            return self.text_model.embeddings

    monkeypatch.setattr(text_encoder, 'text_tower', Wrapped)
    finding = probes.probe_text_encoder()
    assert finding.status is Status.BROKEN
    assert '36 of 36 tensors missing' in finding.detail


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
    assert probes.probe_gpu().status is status


def test_gpu_report_names_count_and_bf16(monkeypatch):
    fake = fake_torch((7, 5), ['sm_75'], bf16=False)
    monkeypatch.setattr(importlib, 'import_module', lambda name: fake)
    assert probes.probe_gpu().detail == '2 x Some GPU, bf16: no'


def test_no_gpu_is_stated_not_broken(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    finding = probes.probe_gpu()
    assert finding.status is Status.INFO and 'CPU' in finding.detail


def test_torch_that_does_not_import(broken_import):
    broken_import('torch', OSError('libcudart.so.13: cannot open shared object file'))
    finding = probes.probe_gpu()
    assert finding.status is Status.BROKEN and 'libcudart' in finding.detail


def test_import_of_diffmm_that_fails(monkeypatch):
    import diffmm

    def fail():
        raise KeyError('Adafactor is already registered in optimizer')

    monkeypatch.setattr(diffmm, 'register_all_modules', fail)
    finding = probes.probe_import()
    assert finding.status is Status.BROKEN and 'Adafactor' in finding.detail
    assert finding.remedy.endswith(' && rm -rf .venv/.stamps && make install')
    monkeypatch.setattr(probes, 'SOURCE', Path('/site-packages'))
    assert probes.probe_import().remedy == 'python -m pip install "diffmm[seg,det]"'


def test_installed_versions_come_from_the_metadata():
    assert probes._version('torch') == metadata.version('torch')


# Without the hosts, whose import takes long and would fail here.
PROBE = f"""
import sys, types
sys.modules['diffmm'] = types.ModuleType('diffmm')
sys.modules['diffmm'].__path__ = [{str(Path(probes.__file__).parents[1])!r}]
from diffmm.environment.probes import probe_torchvision
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
