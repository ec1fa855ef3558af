from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def tool(load_tool):
    return load_tool('pretrain_mini')


@pytest.fixture
def recorded(tool, monkeypatch):
    """The stages are noted instead of run; each leaves what the next one looks for."""
    commands = []

    def run(script, *arguments):
        words = [str(argument) for argument in arguments]
        commands.append((script, words))
        if script == 'tools/train.py':
            (limit,) = [w for w in words if w.startswith('train_cfg.max_iters=')]
            folder = Path(words[words.index('--work-dir') + 1])
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f'iter_{limit.split("=")[1]}.pth').touch()
        elif script.endswith('export_diffusers.py'):
            Path(words[2]).mkdir()
            (Path(words[2]) / 'model_index.json').touch()

    monkeypatch.setattr(tool, 'run', run)
    return commands


def test_stages_in_order_and_a_rerun_skips_what_is_done(
    tool, recorded, tmp_path, capsys
):
    argv = ['--work-dir', str(tmp_path / 'work'), '--out', str(tmp_path / 'mini')]
    argv += ['--vae-iters', '20', '--t2i-iters', '40', '--scenes', '64']
    tool.main(argv)
    scripts = [Path(script).name for script, _ in recorded]
    assert scripts == [
        'train.py',
        'encode_latents.py',
        'train.py',
        'export_diffusers.py',
        'attention_auc.py',
        'text_to_image_demo.py',
    ]
    (_, vae), (_, encode), (_, t2i), (_, export), *_ = recorded
    assert '--resume' in vae and '--resume' in t2i
    assert 'train_dataloader.dataset.num_scenes=64' in vae
    assert 'train_dataloader.dataset.num_scenes=64' in encode
    latents = str(tmp_path / 'work' / 'latents')
    assert encode[2] == latents and f'model.vae={latents}' in t2i
    assert export[1].endswith('t2i/iter_40.pth')
    recorded.clear()
    tool.main(argv)
    again = [Path(script).name for script, _ in recorded]
    assert again == ['encode_latents.py', 'attention_auc.py', 'text_to_image_demo.py']
    assert 'complete' in capsys.readouterr().out


def test_snapshots_are_one_training(tool, recorded, tmp_path):
    later, earlier = tmp_path / 'mini-20', tmp_path / 'mini-5'
    argv = ['--work-dir', str(tmp_path / 'work'), '--scenes', '8']
    argv += ['--snapshots', f'20={later}', f'5={earlier}']
    tool.main(argv)
    (_, encode), (_, first), (_, export), (_, second), _ = recorded
    assert encode[2] == str(tmp_path / 'work' / 'latents')
    assert (tmp_path / 'work/latents/vae/config.json').is_file(), 'that is shipped'
    assert 'train_cfg.max_iters=5' in first and 'train_cfg.max_iters=20' in second
    assert '--resume' in second and not any(
        'param_scheduler' in word for word in second
    )
    assert export[1].endswith('t2i/iter_5.pth') and export[2] == str(earlier)
    assert (later / 'model_index.json').is_file()
    recorded.clear()
    tool.main(argv)
    assert len(recorded) == 1, 'only the encoder looks again'


@pytest.mark.parametrize('text', ['5', 'x=mini', '0=mini', '5='])
def test_a_snapshot_is_a_number_and_a_folder(tool, text, capsys):
    with pytest.raises(SystemExit):
        tool.parse_args(['--snapshots', text])
    assert f'{text!r} is not ITERATIONS=FOLDER' in capsys.readouterr().err


def test_it_stops_at_the_first_failing_stage(tool, monkeypatch, tmp_path):
    script = tmp_path / 'broken.py'
    script.write_text("raise SystemExit('disk full')\n")
    with pytest.raises(SystemExit, match='broken.py failed with status 1'):
        tool.run(str(script))


def test_scripts_and_configs_exist(tool, repo_root):
    for path in (tool.VAE, tool.T2I):
        assert (repo_root / path).is_file()


@pytest.mark.slow
def test_the_whole_way_in_miniature(run_python, tmp_path):
    """The architecture that is shipped, a few steps: every stage for real."""
    out = tmp_path / 'mini'
    argv = ['--work-dir', tmp_path / 'work', '--out', out, '--scenes', 16]
    argv += ['--val-scenes', 4, '--vae-iters', 4, '--t2i-iters', 2, '--auc-scenes', 2]
    result = run_python('tools/pretrain_mini.py', *argv, timeout=500)
    assert result.returncode == 0, result.stderr
    size = sum(path.stat().st_size for path in out.rglob('*') if path.is_file())
    assert size <= 40_000_000
    assert json.loads((tmp_path / 'work' / 'attention_auc.json').read_text())
    assert (tmp_path / 'work' / 'text_to_image.png').is_file()
