"""Tables of papers as ``configs/<folder>/tables.yml`` declares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

COSTS = ('flops', 'parameters')
CONTROLS = ('row depth',)


class StudyError(ValueError):
    """A study that cannot run as it was asked for."""


@dataclass(frozen=True)
class Metric:
    """One figure of a run.

    Attributes:
        name: Title of its column.
        key: Its name in the log of a validation, such as ``'mIoU'``; or one of
            ``COSTS``, which is counted and not trained for; or '' for a figure that
            is only published.
        at: Share of the schedule after which it is read.
        tta: With test-time augmentation.
        scale: Factor between the log and the table, 100 for per cent.
        digits: Digits after the point.
        lower: The lower, the better.
        mini: Whether the mini world has it, too.
    """

    name: str
    key: str = ''
    at: float = 1.0
    tta: bool = False
    scale: float = 1.0
    digits: int = 2
    lower: bool = False
    mini: bool = True

    @property
    def is_cost(self) -> bool:
        """Tells whether it needs no training."""
        return self.key in COSTS


@dataclass(frozen=True)
class Entry:
    """A row's part in one task of a table.

    Attributes:
        config: Name of the full-size config, without ``.py``.
        mini: Name of its mini sibling.
        published: The paper's figures, by the metric's name.
        released: Those of the released code's README.
        overrides: What differs from the config, as a nested dict.
        variant: Name of these overrides (and of other weights), for the run's folder.
        weights: Other pre-trained weights: a folder, or ``'random'`` for those of the
            config with a random UNet.
        test: What differs in the test alone, a key of the table's ``tests``.
        schedule: Schedule of the mini sibling instead of the task's.
        after: Config that is trained first, as ``dict(config=..., mini=...)``; its last
            checkpoint is where this one starts.
        control: A figure without a network, one of ``CONTROLS``.
        note: A remark of the paper, such as the length of the schedule.
    """

    config: str | None = None
    mini: str | None = None
    published: Mapping[str, float] = field(default_factory=dict)
    released: Mapping[str, float] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    variant: str = ''
    weights: str | None = None
    test: str | None = None
    schedule: str | None = None
    after: Mapping[str, str] | None = None
    control: str | None = None
    note: str = ''


@dataclass(frozen=True)
class Row:
    """A row: one method, or one variant of it.

    Attributes:
        name: Its title.
        entries: By task.
        group: Rows of a group are one method with several settings; the table says
            which of them is the best.
    """

    name: str
    entries: Mapping[str, Entry]
    group: str = ''


@dataclass(frozen=True)
class Task:
    """Columns of a table that come from the same run.

    Attributes:
        name: Its name, such as that of the data set.
        metrics: The columns.
        schedule: Name of the schedule of the mini siblings, a key of ``schedules`` in
            the file; '' leaves theirs.
    """

    name: str
    metrics: tuple[Metric, ...]
    schedule: str = ''


@dataclass(frozen=True)
class Table:
    """A table or a figure.

    Attributes:
        name: Its number in the paper, or a name where no paper has it.
        kind: ``'table'`` or ``'figure'``.
        title: What it compares.
        tasks: By name.
        rows: The rows.
        tests: Settings of further tests, by name, as nested dicts. They change the
            row's config, or that of their own keys ``config`` and ``mini``, which tests
            what was trained on other data.
        averages: Tasks whose figures of the first metric are averaged, by the title of
            the average.
        note: What a reader of the result has to know.
        ranks: Whether the report has the average rank of every row over all columns.
    """

    name: str
    kind: str
    title: str
    tasks: Mapping[str, Task]
    rows: tuple[Row, ...]
    tests: Mapping[str, Mapping] = field(default_factory=dict)
    averages: Mapping[str, Sequence[str]] = field(default_factory=dict)
    note: str = ''
    ranks: bool = False

    @property
    def label(self) -> str:
        """Its name with its kind, such as ``'table 5'``."""
        return f'{self.kind} {self.name}'

    def is_mini_only(self) -> bool:
        """Tells whether no row has a full-size config."""
        return not any(
            entry.config for row in self.rows for entry in row.entries.values()
        )
