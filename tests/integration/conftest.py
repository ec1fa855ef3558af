"""What the integration tests share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope='session')
def mini_data(draw_once) -> Path:
    """Sixteen scenes of 64 pixels to train on, four to validate."""
    return draw_once('mini_ade20k', 'ade20k', num_train=16, num_val=4, size=64)
