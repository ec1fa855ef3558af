"""Pickles that hold plain data only."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, NoReturn

# What unpickling damaged bytes has been seen to raise.
_DAMAGE = (pickle.UnpicklingError, EOFError, ValueError, TypeError)
_DAMAGE += (LookupError, AttributeError, OverflowError)


class PlainUnpickler(pickle.Unpickler):
    """Builds lists, dicts, tuples, text and numbers, and nothing else.

    A pickle may name any function of any module and have it called. Files that are
    downloaded must not: this one refuses every name.
    """

    def find_class(self, module: str, name: str) -> NoReturn:
        """Refuses to look anything up.

        Raises:
            pickle.UnpicklingError: Always.
        """
        raise pickle.UnpicklingError(
            f'it asks for {module}.{name}, and only lists, dicts, text and numbers are '
            'allowed; get the file from its publisher again'
        )


def read_plain_pickle(path: str | Path) -> Any:
    """Reads a pickle of plain data.

    Args:
        path: A file of any protocol. Text that Python 2 wrote as bytes is UTF-8.

    Returns:
        What the file holds.

    Raises:
        ValueError: The file is damaged, no pickle, or holds more than plain data.
    """
    with Path(path).open('rb') as file:
        try:
            return PlainUnpickler(file, encoding='utf-8').load()
        except _DAMAGE as error:
            raise ValueError(
                f'{path} is damaged or holds no plain data: {error}'
            ) from error
