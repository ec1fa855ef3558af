"""Class names, and the numbers or colors that stand for them in masks."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diffmm.utils.class_names import read_lines

from .pictures import DataError, first_line, shorten

# Pixels of no class, in all data sets of mmsegmentation.
IGNORED = 255

Value = int | tuple[int, int, int]


@dataclass(frozen=True)
class Classes:
    """Classes, and what stands for them in the files.

    Attributes:
        names: Their names.
        values: A number or an RGB color for each.
    """

    names: tuple[str, ...]
    values: tuple[Value, ...]

    @property
    def colored(self) -> bool:
        """Tells if the files have colors."""
        return isinstance(self.values[0], tuple)

    @property
    def plain(self) -> bool:
        """Tells if the numbers are those that mmsegmentation reads: 0, 1, 2 ..."""
        return self.values == tuple(range(len(self.values)))

    def palette(self) -> list[list[int]]:
        """A color for each class: that of the files, else one that differs."""
        if self.colored:
            return [list(value) for value in self.values]
        hues = (index * 0.618034 % 1 for index in range(len(self.names)))
        colors = (colorsys.hsv_to_rgb(hue, 0.75, 0.9) for hue in hues)
        return [[round(255 * part) for part in color] for color in colors]


def read_classes(words: Sequence[str], file: Path | None) -> Classes:
    """Reads the classes of a command line, or of a file with one a line.

    Args:
        words: ``NAME``, ``NAME=NUMBER`` or ``NAME=R,G,B``.
        file: The file, with the same on its lines; used without ``words``.

    Returns:
        The classes. Names alone are numbered from 0.

    Raises:
        DataError: There are none, one is malformed, or two are the same.
    """
    where = '--classes'
    if file is not None:
        try:
            words, where = read_lines(file), str(file)
        except (FileNotFoundError, ValueError) as error:
            raise DataError(f'--class-file: {first_line(error)}') from error
    if not words:
        raise DataError(
            'masks need the names of their classes: --classes NAME NAME ..., or '
            '--class-file with one a line'
        )
    pairs = [_parse(word, where) for word in words]
    names = tuple(name for name, _ in pairs)
    given = [value for _, value in pairs]
    if all(value is None for value in given):
        values: tuple[Value, ...] = tuple(range(len(names)))
    else:
        values = _check_values(names, given, where)
    for kind, each in (('name', names), ('value', values)):
        twice = sorted({str(one) for one in each if each.count(one) > 1})
        if twice:
            raise DataError(f'{where}: two classes have the {kind} {twice[0]}')
    if len(names) > IGNORED:
        raise DataError(
            f'{where}: {len(names)} classes; masks of 8 bits have room for {IGNORED}'
        )
    return Classes(names, values)


def _parse(word: str, where: str) -> tuple[str, Value | None]:
    name, equals, text = word.strip().rpartition('=')
    if not equals:
        name, text = text, ''
    name = name.strip()
    if not name:
        raise DataError(f'{where}: {word!r} has no name; write NAME or NAME=VALUE')
    if not equals:
        return name, None
    numbers = text.split(',')
    try:
        value = [int(number) for number in numbers]
    except ValueError:
        value = []
    if len(value) not in (1, 3) or not all(
        0 <= each <= (255 if len(value) == 3 else 65535) for each in value
    ):
        raise DataError(
            f'{where}: {word!r}: the value of a class is a number, or a color as '
            'R,G,B with 0 to 255 each'
        )
    return name, value[0] if len(value) == 1 else (value[0], value[1], value[2])


def _check_values(
    names: Sequence[str], values: Sequence[Value | None], where: str
) -> tuple[Value, ...]:
    without = [n for n, value in zip(names, values, strict=True) if value is None]
    if without:
        raise DataError(
            f'{where}: {shorten(without)} has no value, but others have; give all '
            'classes one, or none'
        )
    if len({isinstance(value, tuple) for value in values}) == 2:
        raise DataError(f'{where}: some values are numbers and some colors; give one')
    return tuple(value for value in values if value is not None)


def shown_value(value: Value) -> str:
    """Writes a value as the command line takes it."""
    return ','.join(map(str, value)) if isinstance(value, tuple) else str(value)
