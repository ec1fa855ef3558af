import numpy as np
import pytest

from diffmm.visualization import draw_image_grid


def make_images(number, height=40, width=64):
    generator = np.random.default_rng(0)
    return [
        generator.integers(0, 256, (height, width, 3), np.uint8) for _ in range(number)
    ]


@pytest.mark.parametrize('size', [(40, 64), (97, 131), (128, 128)])
def test_pixels_are_copied_unchanged(size):
    images = make_images(5, *size)
    grid = draw_image_grid(images, list('abcde'), columns=3)
    height, width = size
    strip = grid.shape[0] // 2 - height
    assert grid.shape == (2 * (strip + height), 3 * width, 3)
    for index, image in enumerate(images):
        row, column = divmod(index, 3)
        top = row * (strip + height) + strip
        tile = grid[top : top + height, column * width : (column + 1) * width]
        np.testing.assert_array_equal(tile, image)


def test_captions_are_drawn_above_their_image():
    images = make_images(2)
    plain = draw_image_grid(images, ['', ''])
    grid = draw_image_grid(images, ['', 'wall'])
    changed = (grid != plain).any(-1)
    strip = grid.shape[0] - 40
    assert changed[:strip, 64:].any()
    assert not changed[:, :64].any() and not changed[strip:].any()


def test_any_text_fits_the_strip():
    """Long, non-ASCII and formula-like captions stay above their own image."""
    images = make_images(3)
    plain = draw_image_grid(images, ['', '', ''], columns=3)
    text = 'é $x_{' + ' a very long caption' * 20
    changed = (draw_image_grid(images, ['', text, ''], columns=3) != plain).any(-1)
    assert changed[:, 64:128].any()
    assert not changed[:, :64].any() and not changed[:, 128:].any()


def test_a_long_first_line_leaves_the_second():
    """The second line of a caption is drawn whatever the first one's length."""
    (image,) = make_images(1, width=128)
    grids = [
        draw_image_grid([image], ['a very long first line' * 9 + second])
        for second in ('', '\npeak')
    ]
    assert (grids[0] != grids[1]).any()


def test_default_is_about_square():
    assert draw_image_grid(make_images(5), list('abcde')).shape[1] == 3 * 64
    assert draw_image_grid(make_images(1), ['a'], columns=4).shape[1] == 64


@pytest.mark.parametrize(
    ('images', 'captions', 'columns', 'message'),
    [
        ([], [], None, 'none'),
        (make_images(2), ['a'], None, '2 images, but 1 captions'),
        (make_images(1), ['a'], 0, 'got 0'),
        (make_images(1) + make_images(1, 8), ['a', 'b'], None, r'\(8, 64, 3\)'),
        ([np.zeros((4, 4, 3))], ['a'], None, 'float64'),
    ],
)
def test_bad_input(images, captions, columns, message):
    with pytest.raises(ValueError, match=message):
        draw_image_grid(images, captions, columns)
