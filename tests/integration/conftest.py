"""What the integration tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from diffmm.mini_world import generate


@pytest.fixture(scope='session')
def mini_data(tmp_path_factory) -> Path:
    """Sixteen scenes of 64 pixels to train on, four to validate."""
    folder = tmp_path_factory.mktemp('mini_ade20k')
    generate(folder, 'ade20k', num_train=16, num_val=4, size=64)
    return folder
