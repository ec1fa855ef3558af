"""One line for what went wrong, instead of a traceback."""

from __future__ import annotations

import argparse
import gc
import pickle
import re
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

FLAG = '--traceback'
# What wrong input raises, in DiffMM, its hosts and Python.
_INPUT_ERRORS = (ValueError, OSError, ImportError, LookupError, pickle.UnpicklingError)
_OWN = Path(__file__).resolve().parents[1]
_LONGEST = 600
# Processes that were killed, by a full memory for instance, and PyTorch's message with
# the traceback of one that raised an error.
_DIED = re.compile(
    r'DataLoader worker \(pid.*\) (is killed|exited)|CUDA out of memory|'
    r".*DefaultCPUAllocator: can't allocate"
)
# Errors of PyTorch and their way out, which it does not say.
_ADVICE = {
    _DIED: ' Mostly the memory is full: lower batch_size or num_workers of the data '
    'loader. A training goes on with --resume',
    # A --device that this machine lacks, or that is none.
    re.compile(
        r'Torch not compiled with \w+ enabled|Found no NVIDIA driver|No CUDA GPUs|'
        r'Expected one of cpu, .* device type|Invalid device string|'
        r'PyTorch is not linked with support|Device string must not be empty|'
        r'.*invalid device ordinal|.*no kernel image is available'
    ): '. This machine or its PyTorch has no such device; "cpu" always works',
    # A label that a head has no class for, as PyTorch's loss says it.
    re.compile(r'Target \d+ is out of bounds'): ' A label of the data set is none of '
    'the classes of the head: compare num_classes with the data set, and '
    'reduce_zero_label',
    # Maps of another width than a layer takes.
    re.compile(
        r'Given groups=.*expected input.* to have \d+ channels, but got'
    ): '. A neck or head takes other channels than it gets; custom_hooks='
    "[dict(type='FeatureContractHook')] names the wrong entry",
}
_FROM_WORKER = re.compile(r'^Caught (\w+) in DataLoader worker process \d+')


class UserError(Exception):
    """Something that the user can mend; the message says how."""


class Verdict(SystemExit):
    """The result of a check that found something: its text, and exit code 1."""


def run_main(main: Callable[[], Any]) -> None:
    """Runs a script, and ends it with one line where its input is wrong.

    The line names what is wrong and goes to the error output, and the exit code is 2.
    ``--traceback`` among the arguments, which every script takes, shows the traceback
    as well. Errors that look like a mistake of the program keep their traceback. A
    script that Ctrl-C ends says so, with exit code 130.

    Args:
        main: The script. It parses the arguments.
    """
    shown = FLAG in sys.argv[1:]
    if shown:
        sys.argv = [each for each in sys.argv if each != FLAG]
    name = Path(sys.argv[0]).name
    # What was imported stays. Python would look through it once more when it ends.
    gc.freeze()
    cause: BaseException
    try:
        code = main()
    except SystemExit as error:
        if isinstance(error, Verdict) or not isinstance(error.code, str):
            raise
        line, cause = error.code, error
    except KeyboardInterrupt as error:
        if shown:
            traceback.print_exception(error)
        print(f'\n{name}: interrupted', file=sys.stderr)
        # As a shell reports a process that SIGINT ended.
        sys.exit(128 + signal.SIGINT)
    except Exception as error:
        if _DIED.match(str(error)):
            # PyTorch would raise this again at the signal of every child that ends.
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if not is_input_error(error):
            raise
        line = f'{name}: error: {one_line(error)}{_way_out(error)} ({FLAG} shows where)'
        cause = error
    else:
        if code:
            sys.exit(code)
        return
    if shown:
        traceback.print_exception(cause)
    print(line, file=sys.stderr)
    sys.exit(2)


def positive_int(text: str) -> int:
    """Reads a count or a size, as the ``type`` of an option.

    Args:
        text: What the command line gives.

    Returns:
        The number, at least 1.

    Raises:
        argparse.ArgumentTypeError: It is no whole number, or below 1. argparse ends the
            script with this message behind the name of the option.
    """
    return _bounded_int(text, 1)


def non_negative_int(text: str) -> int:
    """Reads a number for which 0 is meaningful, as the ``type`` of an option.

    Args:
        text: What the command line gives.

    Returns:
        The number, at least 0.

    Raises:
        argparse.ArgumentTypeError: It is no whole number, or below 0.
    """
    return _bounded_int(text, 0)


def port_number(text: str) -> int:
    """Reads the port of a server, as the ``type`` of an option.

    Args:
        text: What the command line gives.

    Returns:
        The number, 0 to 65535.

    Raises:
        argparse.ArgumentTypeError: It is no whole number, or out of this range.
    """
    return _bounded_int(text, 0, 65535)


def _bounded_int(text: str, least: int, most: int | None = None) -> int:
    try:
        number = int(text)
    except ValueError:
        message = f'must be a whole number, got {text!r}'
        raise argparse.ArgumentTypeError(message) from None
    if most is not None and not least <= number <= most:
        message = f'must be between {least} and {most}, got {number}'
        raise argparse.ArgumentTypeError(message)
    if number < least:
        raise argparse.ArgumentTypeError(f'must be at least {least}, got {number}')
    return number


def is_input_error(error: BaseException) -> bool:
    """Tells wrong input from a mistake of the program.

    Args:
        error: What a script raised.

    Returns:
        True for errors of values, files, imports and memory, and for those that DiffMM
        raises itself.
    """
    if isinstance(error, (UserError, *_INPUT_ERRORS)) or _way_out(error):
        return True
    frames = traceback.extract_tb(error.__traceback__)
    if not frames or not Path(frames[-1].filename).resolve().is_relative_to(_OWN):
        return False
    # DiffMM's own checks; an operation on tensors fails elsewhere.
    return isinstance(error, (RuntimeError, TypeError))


def _way_out(error: BaseException) -> str:
    """Advice for errors of PyTorch that give none."""
    advice = (text for each, text in _ADVICE.items() if each.match(str(error)))
    return next(advice, '')


def one_line(error: BaseException) -> str:
    """Writes an error on one line.

    Args:
        error: The error.

    Returns:
        Its message, with its kind where the message alone would say too little.
    """
    text = str(error).strip()
    if isinstance(error, KeyError) and error.args:
        text = str(error.args[0]).strip()
    worker = _FROM_WORKER.match(text)
    if worker is not None:
        # Its last paragraph begins with the original kind and message.
        head, _, tail = text.rpartition(f'\n{worker[1]}: ')
        text = tail if head else text
    text = ' '.join(text.split())
    # A bare key, number or nothing.
    if ' ' not in text or (isinstance(error, OSError) and not error.filename):
        kind = worker[1] if worker is not None else type(error).__name__
        text = f'{kind}: {text}' if text else f'{kind} without a message'
    return text if len(text) <= _LONGEST else f'{text[:_LONGEST]} ...'
