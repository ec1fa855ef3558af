"""One line of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """How serious a finding is.

    ``BROKEN`` means that something DiffMM needs will fail; ``WARN`` that it is untested
    or will be missed later; ``INFO`` states a fact.
    """

    OK = 'ok'
    INFO = 'info'
    WARN = 'warn'
    BROKEN = 'BROKEN'


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    Args:
        name: What was checked.
        status: The verdict.
        detail: What was found, with the value it was found in.
        remedy: The one shell command that mends it. Required when ``status`` is
            ``BROKEN``, empty where there is nothing to mend.

    Raises:
        ValueError: If a broken finding offers no remedy.
    """

    name: str
    status: Status
    detail: str
    remedy: str = ''

    def __post_init__(self) -> None:
        if self.status is Status.BROKEN and not self.remedy:
            raise ValueError(f'the broken finding {self.name!r} offers no remedy')
