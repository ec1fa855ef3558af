from __future__ import annotations

from pathlib import Path

import pytest

from diffmm.mini_world import STYLES


@pytest.fixture
def tool(load_tool):
    return load_tool('pretrain_mini_styles')


@pytest.fixture
def recorded(tool, monkeypatch):
    """The stages are noted instead of run; each leaves what the next one looks for."""
    commands = []

    def run(script, *arguments):
        words = [str(argument) for argument in arguments]
        commands.append((Path(script).name, words))
        if script.endswith('export_diffusers.py'):
            Path(words[2]).mkdir(parents=True)
            (Path(words[2]) / 'model_index.json').touch()

    def train(config, work_dir, iters, options):
        run('train.py', config, work_dir, iters, *options)
        return work_dir / f'iter_{iters}.pth'

    # Some stages are functions of tools/pretrain_mini.py.
    monkeypatch.setitem(tool.export.__globals__, 'run', run)
    monkeypatch.setattr(tool, 'run', run)
    monkeypatch.setattr(tool, 'train', train)
    return commands


def test_stages_in_order_and_a_written_folder_stays(tool, recorded, tmp_path, capsys):
    out, work_dir = tmp_path / 'new' / 'mini-styles', tmp_path / 'work'
    argv = ['--work-dir', str(work_dir), '--out', str(out), '--scenes', '64']
    tool.main([*argv, '--iters', '40'])
    names = [name for name, _ in recorded]
    assert names == [
        'encode_latents.py',
        'train.py',
        'export_diffusers.py',
        'attention_auc.py',
        'style_movement.py',
    ]
    (_, encode), (_, train), (_, export), *_ = recorded
    assert (work_dir / 'latents/vae/config.json').is_file(), 'that is shipped'
    for style in STYLES:
        assert any(f'dataset.styles.{style}=' in word for word in encode)
    assert sum(tool.SHARES.values()) == pytest.approx(1)
    assert 'train_dataloader.dataset.num_scenes=64' in encode
    assert f'train_dataloader.dataset.data_root={work_dir / "latents/train"}' in train
    assert '40' in train and 'param_scheduler.1.end=40' in train
    assert export[1].endswith('t2i/iter_40.pth') and export[2] == str(out)
    recorded.clear()
    tool.main([*argv, '--iters', '40'])
    assert 'export_diffusers.py' not in [name for name, _ in recorded]
    assert 'complete' in capsys.readouterr().out


def test_the_config_exists_and_has_the_length(tool, repo_root):
    assert (repo_root / tool.STYLES_T2I).is_file()
    assert tool.length(tool.STYLES_T2I) == 2000


@pytest.mark.slow
def test_the_whole_way_in_miniature(run_python, tmp_path):
    """The shipped `mini`, a few steps: every stage for real."""
    out = tmp_path / 'mini-styles'
    argv = ['--work-dir', tmp_path / 'work', '--out', out, '--scenes', 16]
    argv += ['--val-scenes', 4, '--iters', 2, '--auc-scenes', 2, '--pictures', 1]
    result = run_python('tools/pretrain_mini_styles.py', *argv, timeout=500)
    assert result.returncode == 0, result.stderr
    assert (out / 'model_index.json').is_file()
    assert (tmp_path / 'work' / 'style_movement.json').is_file()
