from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from diffmm.diffusion import read_tensor_file
from diffmm.utils.scalars import reached_step


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
            # The two last checkpoints stay.
            reached = reached_step(folder) or 0
            for file in folder.glob('iter_*.pth'):
                if file.stem != f'iter_{reached}':
                    file.unlink()
            (folder / f'iter_{limit.split("=")[1]}.pth').touch()
            (folder / 'last_checkpoint').write_text(f'iter_{limit.split("=")[1]}.pth')
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


def test_a_checkpoint_that_was_not_written_whole_is_trained_again(
    tool, recorded, tmp_path
):
    folder = tmp_path / 'work' / 't2i'
    folder.mkdir(parents=True)
    (folder / 'iter_5.pth').write_text('half')
    argv = ['--work-dir', str(tmp_path / 'work')]
    tool.main([*argv, '--snapshots', f'5={tmp_path / "mini-5"}'])
    scripts = [Path(script).name for script, _ in recorded]
    assert scripts == ['encode_latents.py', 'train.py', 'export_diffusers.py']


def test_a_snapshot_that_the_training_has_passed_is_an_error(tool, recorded, tmp_path):
    folders = [tmp_path / f'mini-{iters}' for iters in (5, 20, 30)]
    argv = ['--work-dir', str(tmp_path / 'work'), '--snapshots', f'5={folders[0]}']
    argv += [f'20={folders[1]}', f'30={folders[2]}']
    tool.main(argv)
    shutil.rmtree(folders[0])
    with pytest.raises(SystemExit, match='has reached iteration 30, and iter_5'):
        tool.main(argv)
    assert all((folder / 'model_index.json').is_file() for folder in folders[1:])


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


@pytest.fixture
def start_snapshots(repo_root, tmp_path):
    """Start a pre-training in a group of its own, so that its trainings end with it."""
    started = []

    def start(name):
        folder = tmp_path / name
        command = [sys.executable, str(repo_root / 'tools' / 'pretrain_mini.py')]
        command += ['--work-dir', str(folder / 'work'), '--scenes', '16']
        command += ['--val-scenes', '4', '--snapshots']
        command += [f'1={folder / "mini-1"}', f'3={folder / "mini-3"}']
        started.append(subprocess.Popen(command, start_new_session=True))
        return started[-1], folder

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.slow
def test_killed_snapshots_go_on_to_the_same_weights(start_snapshots):
    """As Figure 3 of VPD needs them: what is written stays, the rest is the same."""
    unet = 'unet/diffusion_pytorch_model.safetensors'
    whole, there = start_snapshots('whole')
    assert whole.wait() == 0
    killed, here = start_snapshots('killed')
    while not (here / 'mini-1' / 'model_index.json').exists():
        assert killed.poll() is None
        time.sleep(0.05)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    written = (here / 'mini-1' / unet).stat().st_mtime_ns
    assert not (here / 'mini-3').exists()
    again, _ = start_snapshots('killed')
    assert again.wait() == 0
    assert (here / 'mini-1' / unet).stat().st_mtime_ns == written
    for name in ('mini-1', 'mini-3'):
        ours, theirs = (read_tensor_file(at / name / unet) for at in (here, there))
        assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
    weights = [read_tensor_file(here / name / unet) for name in ('mini-1', 'mini-3')]
    assert any(not torch.equal(weights[0][key], weights[1][key]) for key in weights[0])
