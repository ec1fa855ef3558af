"""What the integration tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.trainings import Trainings


@pytest.fixture(scope='session')
def mini_data(draw_once) -> Path:
    """Sixteen scenes of 64 pixels to train on, four to validate."""
    return draw_once('mini_ade20k', 'ade20k', num_train=16, num_val=4, size=64)


@pytest.fixture(scope='module')
def trainings() -> Iterator[Trainings]:
    """Starts trainings from a process that has imported everything once."""
    trainings = Trainings()
    yield trainings
    trainings.starter.stdin.close()
    assert trainings.starter.wait(60) == 0
    trainings.starter.stdout.close()
