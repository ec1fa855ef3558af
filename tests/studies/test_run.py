from __future__ import annotations

import fcntl
import json
import threading
from concurrent.futures import CancelledError
from dataclasses import replace

import pytest

from diffmm.studies import Measure, Run, RunFailedError, StudyError
from tests.studies.conftest import settings

HALF, LAST = Measure('mIoU', at=0.5), Measure('mIoU')


def test_figures_are_read_from_the_log_and_noted(make_run, launcher):
    run = make_run(measures=[HALF, LAST], value=3)
    assert not run.is_done and run.figures == {}
    assert run.complete(launcher) == {'mIoU@0.5': 6, 'mIoU': 12}
    assert run.is_done
    record = json.loads((run.folder / 'run.json').read_text())
    assert record['hash'] == run.hash and record['settings']['model']['value'] == 3
    assert '--resume' in (run.folder / 'train.log').read_text()


def test_a_run_that_is_done_does_not_start_again(make_run, launcher):
    make_run(measures=[LAST]).complete(launcher)
    again = make_run(measures=[LAST])
    assert again.is_done and again.complete(launcher) == {'mIoU': 4}
    assert (again.folder / 'train.log').read_text().count('training') == 1


@pytest.mark.parametrize('step', [2, 4])
def test_a_validation_that_was_killed_is_made_up_for(make_run, launcher, step):
    """Its checkpoint is still there, and only until the next one is written."""
    run = make_run(measures=[HALF, LAST])
    run.folder.mkdir()
    (run.folder / 'stop').write_text(str(step))
    with pytest.raises(RunFailedError, match='killed'):
        run.complete(launcher)
    found = make_run(measures=[HALF, LAST]).complete(launcher)
    assert found == {'mIoU@0.5': 2 + 0.5 * (step == 2), 'mIoU': 4 + 0.5 * (step == 4)}


def test_tests_of_the_last_checkpoint(make_run, launcher):
    measures = [LAST, Measure('mIoU', tta=True), Measure('mIoU', test='other')]
    run = make_run(measures=measures, tests=dict(other=settings(value=7)))
    assert run.complete(launcher) == {'mIoU': 4, 'mIoU+tta': 40.5, 'other/mIoU': 28.5}
    commands = [' '.join(command) for command in run.commands(launcher)]
    assert len(commands) == 3 and '--tta' in commands[1]
    assert commands[2].split()[2].endswith('configs/other.py')


def test_a_log_that_counts_epochs_is_not_read_by_iteration(
    make_run, launcher, tmp_path
):
    config = {**settings(), 'default_hooks': {}}
    found = Run(tmp_path / 'a', config, [LAST]).complete(launcher)
    assert found == {'mIoU': 4.5}, 'the test adds a half'


def test_a_checkpoint_that_is_gone_is_named(make_run, launcher):
    run = make_run(measures=[Measure('mIoU', at=0.5, tta=True)])
    with pytest.raises(RunFailedError, match=r'iter_2\.pth is gone; keep it with'):
        run.complete(launcher)


def test_other_settings_need_another_folder(make_run, launcher):
    make_run(measures=[LAST]).complete(launcher)
    with pytest.raises(StudyError, match=r'model\.value: 5, there 1\): remove it'):
        make_run(value=5)


def test_a_config_that_is_written_otherwise_is_the_same(make_run, tmp_path, launcher):
    make_run(measures=[LAST]).complete(launcher)
    same = {**settings(), 'helper': 3, 'work_dir': 'elsewhere'}
    assert Run(tmp_path / 'a', same, [LAST]).is_done


def test_a_failure_names_the_log_and_leaves_no_figure(make_run, launcher):
    run = make_run(measures=[LAST], fail=True)
    with pytest.raises(RunFailedError, match=r'a/train\.log: out of memory'):
        run.complete(launcher)
    assert run.figures == {}


def test_folders_of_this_machine_do_not_enter_the_hash(tmp_path):
    config = {**settings(), 'train_dataloader': dict(root='data/x', kind='database')}
    here, there = (
        Run(tmp_path / name, config, [], paths={'data': f'/{name}'})
        for name in ('here', 'there')
    )
    assert here.hash == there.hash
    assert here.place('data/x') == '/here/x' and here.place('database') == 'database'


def test_one_run_starts_where_another_ended(make_run, tmp_path, launcher):
    first = make_run('first')
    second = Run(tmp_path / 'second', settings(value=2), [LAST], before=first)
    assert second.complete(launcher) == {'mIoU': 8}
    assert f"load_from = '{first.last_checkpoint}'" in second.config.read_text()
    assert first.is_done


def test_after_a_failure_no_first_stage_starts_again(make_run, tmp_path, launcher):
    """A run that waited for another's first stage does not repeat what failed."""
    first = make_run('first', fail=True)
    second = Run(tmp_path / 'second', settings(value=2), [LAST], before=first)
    first.folder.mkdir()
    failed = threading.Event()
    caught = []

    def complete(run):
        with pytest.raises((RunFailedError, CancelledError)) as error:
            run.complete(launcher, failed)
        caught.append(error.type)

    with (first.folder / '.lock').open('w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        threads = [
            threading.Thread(target=complete, args=(run,)) for run in (first, second)
        ]
        for thread in threads:
            thread.start()
        fcntl.flock(file, fcntl.LOCK_UN)
    for thread in threads:
        thread.join(20)
    assert sorted(kind.__name__ for kind in caught) == [
        'CancelledError',
        'RunFailedError',
    ]
    assert first.log.read_text().count('training') == 1
    assert not second.folder.exists()


def test_the_number_of_gpus_is_noted_and_compared(make_run, launcher, tmp_path):
    make_run(measures=[LAST]).complete(launcher)
    record = json.loads((tmp_path / 'a' / 'run.json').read_text())
    assert (record['gpus'], record['auto_scale_lr']) == (1, False)
    two = replace(launcher, kind='pytorch', gpus=2)
    with pytest.raises(
        StudyError, match=r'a holds a run on 1 GPUs, not 2: give --gpus 1'
    ):
        make_run(measures=[LAST]).complete(two)
    del record['gpus']
    (tmp_path / 'a' / 'run.json').write_text(json.dumps(record))
    assert make_run(measures=[LAST]).complete(launcher) == {'mIoU': 4}


def test_a_recipe_that_cannot_scale_keeps_its_gpus(launcher, tmp_path):
    run = Run(tmp_path / 'a', settings(), [LAST], gpus=8)
    with pytest.raises(
        StudyError, match='a: the recipe has 8 GPUs, .* no auto_scale_lr'
    ):
        run.complete(launcher)
    scaling = dict(auto_scale_lr=dict(base_batch_size=16))
    run = Run(tmp_path / 'b', {**settings(), **scaling}, [LAST], gpus=8)
    run.complete(launcher)
    record = json.loads((tmp_path / 'b' / 'run.json').read_text())
    assert (record['gpus'], record['auto_scale_lr']) == (1, True)
    assert '--auto-scale-lr' in run.log.read_text()


def test_a_test_that_was_killed_while_it_wrote_is_run_again(make_run, launcher):
    run = make_run(measures=[Measure('mIoU', tta=True)])
    torn = run.folder / 'tests' / 'run_tta_4' / 'before'
    torn.mkdir(parents=True)
    (torn / 'before.json').write_text('{"mIo')
    assert run.complete(launcher) == {'mIoU+tta': 40.5}


def test_a_second_process_waits(make_run, launcher, capsys):
    run = make_run(measures=[LAST])
    run.folder.mkdir()
    with (run.folder / '.lock').open('w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        thread = threading.Thread(target=run.complete, args=(launcher,))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive() and not run.is_done
        fcntl.flock(file, fcntl.LOCK_UN)
    thread.join(20)
    assert run.is_done and 'another process trains it' in capsys.readouterr().out
