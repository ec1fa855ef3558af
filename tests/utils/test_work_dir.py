from __future__ import annotations

import errno
import multiprocessing
import time
from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import HOOKS
from mmengine.runner import Runner

from diffmm.utils.command_line import UserError
from diffmm.utils.work_dir import (
    LOCK,
    StartHook,
    single_training,
    untouched_until_start,
)


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob('*')
        if path.is_file()
    }


@pytest.fixture
def begin(tmp_path):
    """Does what MMEngine does when a runner is built, then raises an error."""

    def run(error, started=False, name='run', config_text='x = 1\n'):
        config = tmp_path / 'a.py'
        config.write_text(config_text)
        cfg = Config.fromfile(config)
        cfg.work_dir = str(tmp_path / 'work' / 'dir')
        with untouched_until_start(cfg) as hook:
            folder = tmp_path / 'work' / 'dir' / 'now'
            folder.mkdir(parents=True, exist_ok=True)
            MMLogger.get_instance(f'{name}{id(error)}', log_file=str(folder / 'log'))
            cfg.dump(tmp_path / 'work' / 'dir' / 'a.py')
            if started:
                hook.before_train_iter(None, 0)
            raise error

    return run


def test_a_run_that_never_started_leaves_no_trace(begin, tmp_path):
    with pytest.raises(ValueError, match='no'):
        begin(ValueError('no'))
    assert not (tmp_path / 'work').exists()


def test_what_was_there_stays(begin, tmp_path):
    folder = tmp_path / 'work' / 'dir'
    (folder / 'before').mkdir(parents=True)
    (folder / 'before' / 'log').write_text('old')
    (folder / 'a.py').write_text('x = 0\n')
    before = files(folder)
    with pytest.raises(UserError, match=r'a.py: missing argument'):
        begin(TypeError('missing argument'))
    assert files(folder) == before


@pytest.mark.parametrize(
    ('dataset', 'place'),
    [
        ("dict(data_root='data/gone')", 'data/gone'),
        ("dict(datasets=[dict(data_root='.'), dict(data_root='gone')])", 'gone'),
        ("dict(dataset=dict(data_root='a b/照片'))", 'a b/照片'),
    ],
)
def test_data_that_do_not_exist_are_named(begin, dataset, place):
    text = f'val_dataloader = None\ntest_dataloader = dict(dataset={dataset})\n'
    missing = FileNotFoundError(2, 'No such file', 'x/training')
    message = f"x/training'. test_dataloader: data_root='{place}' .*docs/datasets.md"
    with pytest.raises(UserError, match=message):
        begin(missing, config_text=text)
    with pytest.raises(FileNotFoundError):
        begin(missing, config_text=text.replace(place, '.'))
    asserted = AssertionError('Annotation file `a.json`does not exist')
    message = f"does not exist. test_dataloader: data_root='{place}' .*docs/datasets.md"
    with pytest.raises(UserError, match=message):
        begin(asserted, config_text=text)


@pytest.mark.parametrize(
    ('entry', 'place'),
    [
        ("data_prefix=dict(img='pictures', seg='nope')", "data_prefix.seg='nope'"),
        ("ann_file='nope.txt'", "ann_file='nope.txt'"),
    ],
)
def test_the_entry_that_an_error_speaks_of_is_named(begin, tmp_path, entry, place):
    (tmp_path / 'pictures').mkdir()
    root = str(tmp_path)
    text = f'val_dataloader = dict(dataset=dict(data_root={root!r}, {entry}))\n'
    missing = tmp_path / ('nope/a.png' if 'prefix' in entry else 'nope.txt')
    message = f"val_dataloader: {place} does not exist below data_root='{root}'; docs"
    with pytest.raises(UserError, match=message):
        begin(FileNotFoundError(2, 'No such file', str(missing)), config_text=text)
    # mmsegmentation asserts that its list is there.
    failed = AssertionError(f'Failed to load `ann_file` {missing}')
    with pytest.raises(UserError, match=message):
        begin(failed, config_text=text)
    # A validation before the training is a start, too.
    with pytest.raises(UserError, match=message):
        begin(
            FileNotFoundError(2, 'No such file', str(missing)),
            config_text=text,
            started=True,
        )
    with pytest.raises(FileNotFoundError):
        begin(FileNotFoundError(2, 'No such file', 'weights.pth'), config_text=text)


def test_a_part_that_cannot_be_built_is_named(begin):
    # The message alone names neither the part nor the entry.
    with pytest.raises(TypeError) as raised:
        HOOKS.build(dict(type='IterTimerHook', no_such_option=1))
    raised.value.args = ("can't multiply",)
    with pytest.raises(UserError, match="a.py: type='IterTimerHook': can't multiply"):
        begin(raised.value)
    with pytest.raises(TypeError) as raised:
        HOOKS.build('IterTimerHook')
    with pytest.raises(UserError, match=r'a.py: cfg should be a dict'):
        begin(raised.value)


@pytest.mark.parametrize(
    ('text', 'place'),
    [
        ("model = dict(head=dict(type='Foo'))\n", "model.head.type='Foo'"),
        ("hooks = [dict(type='A'), dict(type='Foo')]\n", "hooks.1.type='Foo'"),
    ],
)
def test_a_type_that_nothing_registers_is_named_with_its_place(begin, text, place):
    with pytest.raises(KeyError) as raised:
        HOOKS.build(dict(type='Foo'))
    with pytest.raises(UserError, match=f'{place}: Foo is not in the .*hook registry'):
        begin(raised.value, config_text=text)
    with pytest.raises(KeyError, match='Foo is not'):
        begin(raised.value)


def test_a_run_that_started_keeps_its_log(begin, tmp_path):
    with pytest.raises(ZeroDivisionError):
        begin(ZeroDivisionError(), started=True)
    assert set(files(tmp_path / 'work' / 'dir')) == {'a.py', 'now/log'}


def test_a_full_disk_is_said_and_leaves_no_torn_checkpoint(begin, tmp_path):
    folder = tmp_path / 'work' / 'dir'
    folder.mkdir(parents=True)
    torch.save(dict(a=1), folder / 'iter_2.pth')
    torn = (folder / 'iter_2.pth').read_bytes()[:-50]
    (folder / 'iter_4.pth').write_bytes(torn)
    with pytest.raises(UserError, match=r'dir: File too large. Make room; --resume'):
        begin(OSError(errno.EFBIG, 'File too large'), started=True)
    assert [path.name for path in folder.glob('*.pth')] == ['iter_2.pth']


def hold(work_dir, pipe):
    with single_training(work_dir):
        pipe.send('mine')
        time.sleep(60)


def test_a_second_training_is_refused_and_a_killed_one_leaves_it_free(tmp_path):
    work_dir = tmp_path / 'a' / 'b'
    with single_training(work_dir):
        assert (work_dir / LOCK).is_file()
    assert not (tmp_path / 'a').exists()
    context = multiprocessing.get_context('fork')
    here, there = context.Pipe()
    other = context.Process(target=hold, args=(work_dir, there))
    other.start()
    try:
        assert here.recv() == 'mine'
        with pytest.raises(UserError, match=rf'running \(process {other.pid} on '):
            with single_training(work_dir):
                pass
        assert (work_dir / LOCK).is_file()
    finally:
        other.kill()
        other.join()
    with single_training(work_dir):
        pass


def test_only_the_first_process_of_a_job_locks(tmp_path, monkeypatch):
    monkeypatch.setenv('RANK', '1')
    with single_training(tmp_path / 'work'), single_training(tmp_path / 'work'):
        assert not (tmp_path / 'work').exists()


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda state: state.pop('bias'), r"1 of 2 tensors missing \['bias'\]"),
        (lambda state: state.update(head=torch.zeros(1)), r"1 unknown \['head'\]"),
        (lambda state: state.update(bias=torch.zeros(9)), r"1 of another shape \['bi"),
    ],
)
def test_a_test_wants_the_whole_model(change, message):
    model = torch.nn.Linear(2, 3)
    runner = Runner.__new__(Runner)
    runner.model, runner._load_from = model, 'a.pth'
    runner.cfg = SimpleNamespace(filename='b.py')
    state = {f'module.{k}': v for k, v in model.state_dict().items()}
    StartHook(whole=True).after_load_checkpoint(runner, dict(state_dict=state))
    state = dict(model.state_dict())
    change(state)
    with pytest.raises(UserError, match=rf'a.pth does not fit b.py: .*{message}'):
        StartHook(whole=True).after_load_checkpoint(runner, dict(state_dict=state))
    # A training may start from a part.
    StartHook(whole=False).after_load_checkpoint(runner, dict(state_dict=state))
    with pytest.raises(UserError, match='2 of 2 tensors missing'):
        foreign = dict(other=torch.zeros(1))
        StartHook(whole=False).after_load_checkpoint(runner, dict(state_dict=foreign))
