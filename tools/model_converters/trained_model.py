"""The common parts of the exporters beside it: arguments, and the trained model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeVar

from torch import nn

from diffmm.apis.checkpoint import build_trained

MEGABYTE = 1_000_000
Model = TypeVar('Model', bound=nn.Module)


def add_arguments(
    parser: argparse.ArgumentParser, kind: str, out: str = 'folder'
) -> None:
    """Adds config, checkpoint, and what is written.

    Args:
        parser: The parser, changed in place.
        kind: What the models that are exported are called.
        out: What is written: a folder or a file.
    """
    parser.add_argument('config', help=f'config of a {kind}')
    parser.add_argument(
        'checkpoint', help='its checkpoint; with an average, the average is written'
    )
    parser.add_argument('out', type=Path, help=f'{out} to write, must not exist')


def load(args: argparse.Namespace, kind: type[Model]) -> Model:
    """Builds the trained model.

    Args:
        args: What the parser of `add_arguments` returned.
        kind: Class of the model.

    Raises:
        SystemExit: The folder exists, or the model cannot be built.
    """
    if args.out.exists():
        raise SystemExit(f'error: {args.out} exists; remove it or name another folder')
    try:
        return build_trained(args.config, args.checkpoint, kind)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
