"""The settings that are asked of a study."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .settings import DATA

# Between the name of a table and that of a part of it.
PART = '_part_'


@dataclass(frozen=True)
class Options:
    """Settings of a study.

    Attributes:
        work_dir: Folder of all runs.
        mini: The mini siblings, on the mini world.
        seeds: The seeds.
        data: Folder that stands for ``data`` in configs.
        weights: Weights instead of those that the configs name; None leaves them.
        overrides: What differs in all runs, as a nested dict.
        rows: Names of the rows; None for all.
        metrics: Names of the metrics; None for all.
        tasks: Names of the tasks; None for all.
    """

    work_dir: Path
    mini: bool = False
    seeds: Sequence[int] = (0,)
    data: Path = Path(DATA)
    weights: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[str] | None = None
    metrics: Sequence[str] | None = None
    tasks: Sequence[str] | None = None

    @property
    def part(self) -> str:
        """End of a folder's name that says which part is asked for; '' for all."""
        asked = [self.rows, self.metrics, self.tasks]
        names = [name for part in asked for name in part or ()]
        if not names:
            return ''
        return f'{PART}{slug(" ".join(names))[:40]}_{digest(json.dumps(asked))}'


def digest(text: str) -> str:
    """Six digits that tell texts apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def slug(text: str) -> str:
    """A text as part of a file's name."""
    return re.sub(r'[^a-z0-9.]+', '-', text.lower()).strip('-')
