"""The fenced blocks of a Markdown page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r'^(?P<indent> *)(?P<ticks>`{3,})(?P<info>[^`]*)$')
MARKER = re.compile(r'^ *<!-- not run: (?P<reason>.+?) -->$')
SHELL = ('bash', 'sh', 'shell', 'console')
PYTHON = ('python', 'py')


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Args:
        page: Path of the page.
        line: Line of the opening fence, from 1.
        language: First word after the fence, lower case; may be empty.
        text: The lines between the fences, without their indent.
        reason: Why the block is not run, from the marker above it; or None.
        is_output: Whether it is a ``text`` block directly below another block, which
            shows what that one prints.
    """

    page: Path
    line: int
    language: str
    text: str
    reason: str | None
    is_output: bool = False

    def __str__(self) -> str:
        return f'{self.page.name}:{self.line}'

    @property
    def is_shell(self) -> bool:
        return self.language in SHELL

    @property
    def is_python(self) -> bool:
        return self.language in PYTHON


def read_blocks(page: Path) -> list[Block]:
    """Reads every fenced block of a page, in order.

    Args:
        page: A Markdown file.

    Returns:
        The blocks.

    Raises:
        ValueError: If a fence is not closed.
    """
    blocks, lines = [], page.read_text(encoding='utf-8').splitlines()
    number, reason, below = 0, None, False
    while number < len(lines):
        opening = FENCE.match(lines[number])
        if opening is None:
            marker = MARKER.match(lines[number])
            if lines[number].strip():
                reason = marker['reason'] if marker else None
                below = False
            number += 1
            continue
        end = _closing(lines, number, opening['ticks'])
        if end is None:
            raise ValueError(f'{page}:{number + 1}: the fence is not closed')
        indent = len(opening['indent'])
        text = '\n'.join(line[indent:] for line in lines[number + 1 : end])
        language = (opening['info'].split() or [''])[0].lower()
        is_output = below and language == 'text'
        blocks.append(Block(page, number + 1, language, text + '\n', reason, is_output))
        number, reason, below = end + 1, None, True
    return blocks


def _closing(lines: list[str], opening: int, ticks: str) -> int | None:
    for number in range(opening + 1, len(lines)):
        if lines[number].strip() == ticks:
            return number
    return None
