"""Instructions that ask a generalist for a task, made by rule."""

from __future__ import annotations

from itertools import product

TASKS = ('depth', 'segmentation', 'detection', 'classification')

_PICTURE = ('', 'in the image', 'in the picture', 'in this photo')


def _sentences(*parts: tuple[str, ...]) -> tuple[str, ...]:
    """Joins one phrase of every part, in all combinations."""
    return tuple(' '.join(filter(None, each)) for each in product(*parts))


INSTRUCTIONS: dict[str, tuple[str, ...]] = dict(
    depth=_sentences(
        ('estimate', 'predict', 'compute', 'draw', 'give me'),
        ('the depth', 'the depth map', 'the distances'),
        ('of the image', 'of the picture', 'of this photo', 'of the scene'),
    ),
    segmentation=_sentences(
        ('segment', 'mask', 'select', 'cut out', 'separate'),
        ('the {name}', 'every {name}', 'all pixels of the {name}'),
        _PICTURE,
    ),
    detection=_sentences(
        ('detect', 'find', 'locate', 'outline', 'draw a box around'),
        ('the {name}', 'every {name}', 'each single {name}'),
        _PICTURE,
    ),
    classification=_sentences(
        ('show {yes} if', 'paint it {yes} if', 'answer {yes} if'),
        ('you see the {name},', 'it shows the {name},', 'the {name} is there,'),
        ('otherwise {no}', 'else {no}'),
    ),
)
"""Sentences of every task, the plain one first.

``{name}`` is a class, ``{yes}`` and ``{no}`` are the colors of the two answers.
InstructCV's released lists have 42, 319, 118 and 6 lines, written by a language model;
its random pick never takes the first. Here every sentence is drawn.
"""


def instruct(sentence: str, name: str = '', yes: str = '', no: str = '') -> str:
    """Fills a sentence.

    Args:
        sentence: One of `INSTRUCTIONS`.
        name: Name of a class; underscores become spaces.
        yes: Color of the answer yes.
        no: Color of the answer no.

    Returns:
        The instruction.
    """
    return sentence.format(name=name.replace('_', ' '), yes=yes, no=no)
