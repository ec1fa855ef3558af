"""Several trained models on a command line, each under a name."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

FORM = 'NAME=CONFIG,CHECKPOINT'


def add_models_option(parser: argparse.ArgumentParser, note: str = '') -> None:
    """Adds ``--model``, which `read_named_models` reads.

    Args:
        parser: The parser.
        note: What the models have in common, for the help.
    """
    parser.add_argument(
        '--model',
        action='append',
        required=True,
        metavar=FORM,
        help='once for each' + note,
    )


def read_named_models(models: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Reads the values of ``--model``.

    Args:
        models: The values.

    Returns:
        Config and checkpoint by name, in the order given.

    Raises:
        ValueError: A value is no NAME=CONFIG,CHECKPOINT, or a name comes twice.
        FileNotFoundError: There is no such checkpoint.
    """
    found = {}
    for model in models:
        name, _, files = model.partition('=')
        config, _, checkpoint = files.partition(',')
        if not (name and config and checkpoint):
            raise ValueError(f'--model is {FORM}, got {model!r}')
        if name in found:
            raise ValueError(f'--model: two models are named {name!r}')
        # A name without ending is a checkpoint that comes with the package.
        if Path(checkpoint).suffix and not Path(checkpoint).is_file():
            raise FileNotFoundError(f'no checkpoint at {checkpoint}')
        found[name] = config, checkpoint
    return found
