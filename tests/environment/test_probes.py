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
