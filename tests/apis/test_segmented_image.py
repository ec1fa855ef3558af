"""Tests of the legend and the overlay."""

import cv2
import numpy as np
import pytest

from diffmm.apis import SegmentedImage


def make(height=40, width=60):
    """Build an image whose left quarter is class 2 and the rest class 0."""
    image = np.full((height, width, 3), (10, 20, 30), np.uint8)
    class_map = np.zeros((height, width), np.int64)
    class_map[:, : width // 4] = 2
    palette = ((200, 0, 0), (0, 200, 0), (0, 0, 200))
    return SegmentedImage(image, class_map, ('sky', 'grass', 'cat'), palette)


def test_shares_name_what_was_found_largest_first():
    assert list(make().shares().items()) == [('sky', 0.75), ('cat', 0.25)]


def test_overlay_blends_the_palette_in_rgb():
    overlay = make().overlay(opacity=0.5)

    # Enlarged tenfold, so that a side has at least 384 pixels.
    assert overlay.shape == (400, 600, 3)
    assert overlay[0, 0].tolist() == [15, 10, 105]
    assert overlay[0, 599].tolist() == [115, 10, 5]


def test_opacity_one_hides_the_image():
    assert make().overlay(opacity=1)[0, 0].tolist() == [0, 0, 200]


def test_names_are_painted_unless_the_image_is_huge():
    named, huge = (make(*size).overlay(1) for size in [(40, 60), (1025, 1024)])

    assert huge.shape == (1025, 1024, 3)
    assert len(np.unique(huge.reshape(-1, 3), axis=0)) == 2
    assert len(np.unique(named.reshape(-1, 3), axis=0)) > 2


@pytest.mark.parametrize('opacity', [0, -0.5, 1.5])
def test_bad_opacity(opacity):
    with pytest.raises(ValueError, match=str(opacity)):
        make().overlay(opacity)


@pytest.mark.parametrize('name', ['a.png', 'new/folder/a.jpg', 'a.JPEG'])
def test_saves_in_the_right_colours(tmp_path, name):
    path = tmp_path / name
    segmented = make()

    segmented.save_overlay(path, opacity=0.5)

    saved = cv2.imread(str(path))[:, :, ::-1].astype(int)
    difference = np.abs(saved - segmented.overlay(0.5).astype(int))
    assert np.median(difference) <= 3


def test_unknown_ending(tmp_path):
    with pytest.raises(ValueError, match=r'must end in \.png'):
        make().save_overlay(tmp_path / 'picture.xyz')
