from __future__ import annotations

import cv2
import numpy as np
import pytest

from diffmm.apis import FoundThing, ReferringStep


def make_step(timestep, columns):
    """A step that takes the left columns of the picture for the thing."""
    mask = np.zeros((90, 120), bool)
    mask[:, :columns] = True
    return ReferringStep(timestep, mask.astype(np.float32), mask, columns / 120)


@pytest.fixture
def thing():
    picture = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    steps = tuple(make_step(t, c) for t, c in ((999, 0), (666, 90), (333, 60)))
    return FoundThing(picture, 'the red ball', (), make_step(0, 30), steps)


def test_the_result_is_what_was_found(thing):
    assert thing.mask.sum() == 90 * 30 and thing.score == 0.25
    assert not thing.is_empty
    nothing = FoundThing(thing.image, 'a cat', (), make_step(0, 0))
    assert nothing.is_empty and nothing.score == 0


@pytest.mark.parametrize(('step', 'columns'), [(None, 30), (0, 0), (1, 90)])
def test_the_overlay_is_red_where_the_thing_is(thing, step, columns):
    drawn, picture = thing.overlay(step), thing.image[..., ::-1]
    assert np.array_equal(drawn[:, columns:], picture[:, columns:])
    red = (0.6 * np.array((230, 30, 30)) + 0.4 * picture).astype(np.uint8)
    assert np.array_equal(drawn[:, :columns], red[:, :columns])


def test_steps_stand_beside_the_picture(thing):
    assert thing.draw_steps(columns=4).shape[1] == 4 * 120


def test_files(thing, tmp_path):
    thing.save_overlay(tmp_path / 'new' / 'overlay.png')
    saved = cv2.imread(str(tmp_path / 'new' / 'overlay.png'))
    assert np.array_equal(saved[..., ::-1], thing.overlay())
    thing.save_mask(tmp_path / 'mask.png')
    mask = cv2.imread(str(tmp_path / 'mask.png'), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(mask == 255, thing.mask)
