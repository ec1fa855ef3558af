import cv2
import numpy as np
import pytest

from diffmm.mini_world import OBJECT_CLASSES, Renderer
from diffmm.mini_world.drawing.line_art import draw_lines, draw_object_lines
from tests.mini_world.builders import make_item, make_scene


def test_scene_lines_follow_what_is_seen():
    house, ball = make_item('house', ground=0.65), make_item('ball', ground=0.85)
    rendered = Renderer(128).render(make_scene(house, ball))
    lines = draw_lines(rendered.scene, rendered.ground)
    assert lines.shape == (128, 128) and lines.dtype == np.uint8
    ink = lines < 128
    assert 0.01 < ink.mean() < 0.25
    outline = cv2.morphologyEx(
        rendered.amodal[1].astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3))
    )
    around = cv2.dilate(ink.astype(np.uint8), np.ones((3, 3)))
    assert around[outline > 0].mean() > 0.98
    # The house's lines do not show through the ball.
    alone = draw_lines(make_scene(ball), rendered.ground)
    inside = cv2.erode(rendered.amodal[1].astype(np.uint8), np.ones((5, 5))) > 0
    assert np.array_equal(lines[inside], alone[inside])


def test_ground_line():
    rendered = Renderer(64).render(make_scene())
    ink = np.nonzero(rendered.sketch < 128)[0]
    assert set(ink) <= {24, 25, 26} and len(ink) >= 64


@pytest.mark.parametrize('name', OBJECT_CLASSES)
def test_object_is_drawn_whole_and_centerd(name):
    drawn = draw_object_lines(make_item(name, x=0.02, ground=0.5), 96, seed=0)
    rows, columns = np.nonzero(drawn < 128)
    assert drawn.shape == (96, 96)
    extent = max(np.ptp(rows), np.ptp(columns)) + 1
    assert 0.6 * 96 < extent < 0.96 * 96
    assert (drawn[[0, -1]] == 255).all() and (drawn[:, [0, -1]] == 255).all()


def test_the_hand_is_unsteady_but_repeatable():
    first, again = (draw_object_lines(make_item('house'), 96, seed=4) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, draw_object_lines(make_item('house'), 96, seed=5))
