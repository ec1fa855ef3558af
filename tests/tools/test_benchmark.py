"""Tests of the benchmark tool."""

import importlib.util
import json
import math
import shutil
from pathlib import Path

import pytest

from tests.benchmark.vpd_stub import write_stub

SCRIPT = Path(__file__).parents[2] / 'tools' / 'analysis_tools' / 'benchmark.py'
BACKBONE = """dict(
    type='StableDiffusionBackbone',
    arch='mini',
    pretrained='weights/that/are/not/here',
    prompt=dict(type='ClassNamePrompt', dataset='mmseg.ADE20KDataset'),
    attention=dict(stages=('down', 'up'), max_size=32))
"""
IMPORTS = "custom_imports = dict(imports=['diffmm', 'mmseg.datasets'])\n"


@pytest.fixture(scope='module')
def tool():
    spec = importlib.util.spec_from_file_location('benchmark_tool', SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def write_config(tmp_path):
    def write(text):
        path = tmp_path / 'config.py'
        path.write_text(text)
        return str(path)

    return write


def test_reports_ratios_and_writes_json(tool, write_config, tmp_path, capsys):
    config = write_config(f'{IMPORTS}model = dict(backbone={BACKBONE})')
    out = tmp_path / 'new' / 'cost.json'
    options = ['--size', '64', '64', '--repeats', '1', '--device', 'cpu']
    options += ['--parts', 'forward', 'train', 'checkpointing']

    tool.main([config, *options, '--peak-tflops', '1', '--out', str(out)])

    printed = capsys.readouterr().out
    assert 'feature training, checkpointed' in printed
    results = json.loads(out.read_text())
    for key in ('command', 'torch', 'diffusers', 'device_name', 'threads', 'precision'):
        assert str(results[key]) in printed
    assert results['size'] == [64, 64]
    assert results['context_tokens'] == 150
    assert len(results['rows']) == 5
    for row in results['rows']:
        assert 0 < row['mfu'] < 1
        assert math.isfinite(row['activation_bytes'])
        if row['baseline']:
            for ratio in ('time_ratio', 'peak_ratio', 'activation_ratio'):
                assert math.isfinite(row[ratio]) and row[ratio] > 0


def test_bare_backbone(tool, write_config, capsys):
    config = write_config(f'{IMPORTS}backbone = {BACKBONE}')

    tool.main(
        [config, '--size', '64', '64', '--repeats', '1', '--parts', 'forward']
        + ['--device', 'cpu']
    )

    assert 'feature forward' in capsys.readouterr().out


def test_config_options_reach_the_backbone(tool, write_config, tmp_path):
    config = write_config(f'{IMPORTS}model = dict(backbone={BACKBONE})')
    out = tmp_path / 'cost.json'
    prompt = 'model.backbone.prompt.classes=[cat,dog]'

    tool.main(
        [config, '--size', '64', '64', '--repeats', '1', '--parts', 'forward']
        + ['--device', 'cpu', '--out', str(out), '--cfg-options', prompt]
    )

    assert json.loads(out.read_text())['context_tokens'] == 2


def test_missing_config(tool):
    with pytest.raises(FileNotFoundError, match='no/such.py'):
        tool.main(['no/such.py'])


def test_config_without_backbone(tool, write_config):
    with pytest.raises(ValueError, match='neither model.backbone'):
        tool.main([write_config('work_dir = 1'), '--device', 'cpu'])


def test_backbone_without_unet(tool, write_config):
    config = write_config(
        "default_scope = 'mmseg'\ncustom_imports = dict(imports=['mmseg.models'])\n"
        "backbone = dict(type='ResNet', depth=18)"
    )

    with pytest.raises(ValueError, match='has no UNet'):
        tool.main([config, '--device', 'cpu'])


@pytest.fixture
def checkout(tmp_path):
    return write_stub(tmp_path / 'VPD')


@pytest.mark.slow
def test_the_released_code_is_timed_beside_ours(
    tool, write_config, checkout, tmp_path, capsys
):
    config = write_config(f'{IMPORTS}model = dict(backbone={BACKBONE})')
    out = tmp_path / 'ratios.json'
    options = ['--size', '64', '64', '--repeats', '1', '--device', 'cpu']

    tool.main(
        [config, *options, '--reference', str(checkout), '--precision', 'bf16']
        + ['--threads', '1', '--out', str(out)]
    )

    results = json.loads(out.read_text())
    (found,) = results['rounds']
    rows = {row['part']: row for row in results['rows']}
    assert list(rows) == ['forward', 'train']
    for part, row in rows.items():
        for key in ('seconds', 'processor_seconds', 'peak_bytes'):
            ours, other = found['ours'][part][key], found['reference'][part][key]
            assert ours > 0 and other > 0
            assert row['ratio'][key] == ours / other
        # The stub computes next to nothing.
        assert row['ratio']['processor_seconds'] > 1
    printed = capsys.readouterr().out
    assert 'reference' in printed and 'peak x' in printed


def test_what_is_no_checkout_of_vpd(tool, write_config, checkout, tmp_path):
    config = write_config(f'{IMPORTS}model = dict(backbone={BACKBONE})')
    argv = [config, '--device', 'cpu', '--reference']
    with pytest.raises(FileNotFoundError, match='no folder at'):
        tool.main([*argv, str(tmp_path / 'gone')])
    with pytest.raises(ValueError, match='is no checkout of VPD, it has no vpd/models'):
        tool.main([*argv, str(tmp_path)])
    with pytest.raises(ValueError, match='parts forward and train, got text'):
        tool.main([*argv, str(checkout), '--parts', 'text'])
    with pytest.raises(ValueError, match='squares whose side is a multiple of 64'):
        tool.main([*argv, str(checkout), '--size', '64', '128'])
    shutil.rmtree(checkout / 'stable-diffusion')
    with pytest.raises(ValueError, match='git submodule update --init'):
        tool.main([*argv, str(checkout)])


def test_bfloat16_beside_the_reference_is_said_to_be_slow(
    tool, write_config, checkout, monkeypatch
):
    """The processes that compute hide their messages."""
    asked = []
    monkeypatch.setattr(tool, 'say_if_slow', asked.append)
    monkeypatch.setattr(tool, 'alternate', lambda *args: [])
    monkeypatch.setattr(tool, 'compare', lambda rounds: [])
    monkeypatch.setattr(tool, 'format_comparison', str)
    argv = [write_config(''), '--device', 'cpu', '--reference', str(checkout)]
    tool.main(argv)
    assert asked == []
    tool.main([*argv, '--precision', 'bf16'])
    assert asked == ['cpu']
