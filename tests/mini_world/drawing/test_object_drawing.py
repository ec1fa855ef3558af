import numpy as np

from diffmm.mini_world.drawing.object_drawing import draw_object, overlap
from tests.mini_world.builders import make_item


def test_the_canvas_lies_where_the_object_is():
    ball = make_item('ball', ground=0.8, x=0.25)
    canvas, x0, y0 = draw_object(ball, 100)
    rows, columns = np.nonzero(canvas.finish()[..., 3] > 127)
    left, top, right, bottom = (100 * value for value in ball.box)
    assert abs(x0 + columns.min() - left) < 1.5
    assert abs(x0 + columns.max() + 1 - right) < 1.5
    assert abs(y0 + rows.min() - top) < 1.5
    assert abs(y0 + rows.max() + 1 - bottom) < 1.5


def test_texture_can_be_left_out():
    striped = draw_object(make_item('box', texture='striped'), 128, textured=False)[0]
    plain = draw_object(make_item('box'), 128)[0]
    assert np.array_equal(striped.patch, plain.patch)
    textured = draw_object(make_item('box', texture='striped'), 128)[0]
    assert not np.array_equal(textured.patch, plain.patch)


def test_overlap_of_patch_and_picture():
    assert overlap(-3, 10, 64) == (slice(0, 7), slice(3, 10))
    assert overlap(60, 10, 64) == (slice(60, 64), slice(0, 4))
    assert overlap(5, 10, 64) == (slice(5, 15), slice(0, 10))
