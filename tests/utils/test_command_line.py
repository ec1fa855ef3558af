from __future__ import annotations

import argparse
import sys

import pytest
import torch

from diffmm.diffusion import WeightsError
from diffmm.utils.command_line import (
    UserError,
    Verdict,
    is_input_error,
    non_negative_int,
    one_line,
    port_number,
    positive_int,
    run_main,
)


@pytest.fixture(autouse=True)
def never_freeze(monkeypatch):
    """Leaves what the other tests make to the garbage collector."""
    monkeypatch.setattr('diffmm.utils.command_line.gc.freeze', lambda: None)


def fail(error):
    def main():
        raise error

    return main


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a script that raises; returns its exit code and error output."""

    def start(error, *arguments):
        monkeypatch.setattr(sys, 'argv', ['tools/train.py', *arguments])
        with pytest.raises(SystemExit) as stop:
            run_main(fail(error))
        return stop.value.code, capsys.readouterr().err

    return start


@pytest.mark.parametrize(
    ('error', 'line'),
    [
        (UserError('a.py: no'), 'a.py: no'),
        (WeightsError('x.pth is\n  damaged'), 'x.pth is damaged'),
        (FileNotFoundError(2, 'None there', 'a b'), "[Errno 2] None there: 'a b'"),
        (KeyError('Foo is not in the registry'), 'Foo is not in the registry'),
        (KeyError('foo'), 'KeyError: foo'),
        (ValueError(), 'ValueError without a message'),
        (OSError(28, 'No space left'), 'OSError: [Errno 28] No space left'),
    ],
)
def test_wrong_input_is_one_line(run, error, line):
    code, output = run(error)
    assert code == 2
    assert output == f'train.py: error: {line} (--traceback shows where)\n'


def test_the_flag_shows_the_traceback_and_is_no_argument(run):
    code, output = run(ValueError('no such thing'), '--traceback', 'x')
    assert code == 2 and 'Traceback' in output and sys.argv == ['tools/train.py', 'x']
    assert output.splitlines()[-1].startswith('train.py: error: no such thing')


def test_exits_with_a_text_have_code_2(run):
    assert run(SystemExit('error: --amp')) == (2, 'error: --amp\n')
    assert run(SystemExit(3)) == (3, '')
    # Python prints the text of a verdict, and exits with 1.
    assert run(Verdict('3 problems')) == ('3 problems', '')


def test_an_interrupted_script_says_so(run):
    code, said = run(KeyboardInterrupt())
    assert code == 130
    assert said == '\ntrain.py: interrupted\n'


def test_a_mistake_of_the_program_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        run_main(fail(ZeroDivisionError()))
    try:
        torch.zeros(2) @ torch.zeros(3)
    except RuntimeError as error:
        assert not is_input_error(error)
    # DiffMM's own check.
    from diffmm.models.loaded_weights import LoadedWeights

    with pytest.raises(RuntimeError) as caught:
        LoadedWeights('mini', False).require_weights()
    assert is_input_error(caught.value)


def test_what_a_loader_says_is_its_last_line():
    text = (
        'Caught ValueError in DataLoader worker process 1.\n'
        'Original Traceback (most recent call last):\n'
        '  File "loading.py", line 3, in transform\n'
        'ValueError: a.png is no readable image;\nget the file again\n'
    )
    line = one_line(ValueError(text))
    assert line == 'a.png is no readable image; get the file again'
    died = RuntimeError('DataLoader worker (pid 7) is killed by signal: Killed. ')
    assert is_input_error(died) and one_line(died).endswith('signal: Killed.')


@pytest.mark.parametrize(
    'said',
    [
        'DataLoader worker (pid 7) is killed by signal: Killed. ',
        'DataLoader worker (pid(s) 7, 8) exited unexpectedly',
        'CUDA out of memory. Tried to allocate 2 GiB.',
        "[enforce fail at alloc_cpu.cpp:9] DefaultCPUAllocator: can't allocate memory",
    ],
)
def test_a_full_memory_has_a_way_out(run, said):
    code, output = run(RuntimeError(said))
    assert code == 2 and output.startswith(f'train.py: error: {said.strip()}')
    assert 'lower batch_size or num_workers' in output and '--resume' in output


@pytest.mark.parametrize('name', ['gpu', 'cuda:0', 'cuda:x', 'xpu:0', 'mps', ''])
def test_a_device_that_is_not_there(run, name):
    if torch.cuda.is_available() and name == 'cuda:0':
        name = 'cuda:99'
    with pytest.raises((RuntimeError, AssertionError)) as raised:
        torch.zeros(1).to(torch.device(name))
    code, output = run(raised.value)
    assert code == 2 and 'no such device; "cpu" always works' in output
    assert len(output.splitlines()) == 1


def test_a_label_without_a_class_has_a_way_out(run):
    with pytest.raises(IndexError) as raised:
        torch.nn.functional.cross_entropy(torch.zeros(1, 3), torch.tensor([7]))
    code, output = run(raised.value)
    assert code == 2 and 'Target 7 is out of bounds. A label of the data' in output
    assert 'compare num_classes' in output


def test_channels_that_do_not_fit_have_a_way_out(run):
    with pytest.raises(RuntimeError) as raised:
        torch.nn.Conv2d(1, 2, 1)(torch.zeros(2, 3, 4, 4))
    code, output = run(raised.value)
    assert code == 2 and 'channels instead. A neck or head takes other' in output


def test_a_long_message_is_cut():
    assert len(one_line(ValueError('word ' * 400))) < 610


def test_a_result_is_the_exit_code(monkeypatch):
    run_main(lambda: None)
    run_main(lambda: 0)
    with pytest.raises(SystemExit) as stop:
        run_main(lambda: 1)
    assert stop.value.code == 1


def test_numbers_with_a_bound():
    assert [positive_int(text) for text in ('1', ' 12 ')] == [1, 12]
    assert [non_negative_int(text) for text in ('0', '12')] == [0, 12]
    assert [port_number(text) for text in ('0', '65535')] == [0, 65535]


@pytest.mark.parametrize(
    ('kind', 'text', 'message'),
    [
        (positive_int, '0', 'must be at least 1, got 0'),
        (positive_int, '-3', 'must be at least 1, got -3'),
        (positive_int, 'two', "must be a whole number, got 'two'"),
        (positive_int, '1.5', "must be a whole number, got '1.5'"),
        (positive_int, '', "must be a whole number, got ''"),
        (non_negative_int, '-1', 'must be at least 0, got -1'),
        (port_number, '65536', 'must be between 0 and 65535, got 65536'),
        (port_number, '-1', 'must be between 0 and 65535, got -1'),
        (port_number, 'http', "must be a whole number, got 'http'"),
    ],
)
def test_numbers_out_of_bounds_are_named(kind, text, message, capsys):
    with pytest.raises(argparse.ArgumentTypeError, match=f'^{message}$'):
        kind(text)
    parser = argparse.ArgumentParser()
    parser.add_argument('--repeats', type=kind)
    assert parser.parse_args([]).repeats is None
    with pytest.raises(SystemExit) as stop:
        parser.parse_args(['--repeats', text])
    said = capsys.readouterr().err
    assert stop.value.code == 2
    assert said.endswith(f'error: argument --repeats: {message}\n')


def test_python_does_not_search_the_imports_again(run_python):
    script = """
import gc
from diffmm.utils.command_line import run_main
run_main(lambda: print(gc.get_freeze_count()))
"""
    assert int(run_python('-c', script).stdout) > 10_000
