"""Numbers of pictures of a test set, on a command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from .command_line import non_negative_int


def add_images_option(parser: argparse._ActionsContainer) -> None:
    """Adds ``--images``, whose numbers `check_images` checks.

    Args:
        parser: The parser, or a group of it.
    """
    parser.add_argument(
        '--images',
        type=non_negative_int,
        nargs='+',
        default=[0],
        help='numbers in the test set',
    )


def check_images(numbers: Sequence[int], count: int) -> None:
    """Refuses numbers that a test set does not have.

    Args:
        numbers: The values of ``--images``.
        count: Number of pictures of the test set.

    Raises:
        ValueError: There is no such picture.
    """
    outside = [number for number in numbers if number >= count]
    if outside:
        raise ValueError(
            f'--images: the test set has images 0 to {count - 1}, got {outside}'
        )
