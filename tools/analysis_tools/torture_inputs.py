"""Damaged inputs of every kind, and what their readers say; torture.py runs them."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch
from torture_subjects import SUBJECTS, ConversionError, Subject
from tqdm import tqdm

from diffmm.apis import read_checkpoint
from diffmm.datasets.referring_annotations import read_plain_pickle
from diffmm.diffusion.weights import read_safely
from diffmm.testing.damage import DAMAGES, damage
from diffmm.testing.hostile_pickles import NAMES, as_checkpoint, hostile_pickle
from diffmm.utils.command_line import is_input_error, one_line

# Ends of a trial. The last two are failures.
REFUSED = 'refused in one line'
SAME = 'read, unchanged'
OTHER = 'read as other valid data'
SILENT = 'changed in silence'
UNCLEAR = 'unclear error'
ENDS = (REFUSED, SAME, OTHER, SILENT, UNCLEAR)


@dataclass
class InputReport:
    """Ends of all trials.

    Attributes:
        ends: Number of each end, by the kind of input.
        failures: A line for each failure.
    """

    ends: dict[str, Counter] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yields the rows of a table, all kinds last."""
        total: Counter = sum(self.ends.values(), Counter())
        for name, ends in (*self.ends.items(), ('all', total)):
            counts = [str(ends[end]) for end in ENDS]
            yield (name, str(sum(ends.values())), *counts)


def damage_inputs(trials: int, seed: int, folder: Path) -> InputReport:
    """Damages inputs, and reads them.

    Args:
        trials: Number of trials over all kinds.
        seed: Of the places and kinds of damage.
        folder: An empty folder.

    Returns:
        What happened.
    """
    rng = random.Random(seed)
    report = InputReport()
    with tqdm(total=trials, desc='damaged inputs', disable=None) as bar:
        for index, (name, subject) in enumerate(SUBJECTS.items()):
            place = folder / str(index)
            place.mkdir(parents=True)
            files = subject.make(place)
            expected = subject.read(place)
            ends = report.ends[name] = Counter()
            for trial in range(max(1, round(trials * subject.share))):
                kind = rng.choice(list(DAMAGES))
                path = files[trial % len(files)]
                end, why = _try(path, kind, subject, place, expected, rng)
                ends[end] += 1
                if end in (SILENT, UNCLEAR):
                    report.failures.append(f'{path.name}, {kind}: {end} {why}')
                bar.update()
    return report


def _try(
    path: Path,
    kind: str,
    subject: Subject,
    folder: Path,
    expected: Any,
    rng: random.Random,
) -> tuple[str, str]:
    sound = path.read_bytes()
    damage(path, kind, rng)
    try:
        found = subject.read(folder)
    except Exception as error:
        line = one_line(error)
        known = is_input_error(error) or isinstance(error, ConversionError)
        clear = known and path.name in line
        return (
            (REFUSED, line) if clear else (UNCLEAR, f'{type(error).__name__}: {line}')
        )
    finally:
        path.write_bytes(sound)
    if _equal(found, expected):
        return SAME, ''
    return (SILENT, '') if subject.exact else (OTHER, '')


def _equal(found: Any, expected: Any) -> bool:
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            _equal(found[key], expected[key]) for key in found
        )
    if isinstance(found, torch.Tensor):
        return torch.equal(found, expected)
    return found == expected


def read_hostile_pickles(folder: Path) -> tuple[int, list[str]]:
    """Reads pickles that try to run code, in every form that DiffMM reads.

    Args:
        folder: An empty folder.

    Returns:
        Number of attempts, and a line for each that was not refused.
    """
    attempts, failures = 0, []
    readers = (('.pth', read_safely), ('.pth', read_checkpoint), ('.ckpt', read_safely))
    for index, name in enumerate(NAMES):
        marker = folder / f'marker {index}'
        content = hostile_pickle(index, marker)
        forms = [(content, '.p', read_plain_pickle)]
        forms += [(content, suffix, read) for suffix, read in readers]
        forms += [(as_checkpoint(content), suffix, read) for suffix, read in readers]
        for form, suffix, read in forms:
            path = folder / f'hostile{suffix}'
            path.write_bytes(form)
            attempts += 1
            try:
                read(path)
            except ValueError as error:
                refused = path.name in str(error)
            else:
                refused = False
            if not refused or os.path.lexists(marker):
                failures.append(f'{name} as {suffix}')
    return attempts, failures
