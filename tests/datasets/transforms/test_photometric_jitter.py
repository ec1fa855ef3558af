import colorsys

import numpy as np
import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401

IMAGE = np.random.default_rng(0).integers(20, 230, (12, 14, 3), dtype=np.uint8)
NONE = dict(brightness=0, contrast=0, gamma=(1, 1), hue=0, saturation=0, value=0)


def build(**options):
    return TRANSFORMS.build(dict(type='PhotometricJitter', **options))


def apply(image=IMAGE, **options):
    return build(**options)(dict(img=image.copy()))['img']


def fixed(draws, image=IMAGE):
    """The transform with given draws instead of random ones."""
    transform = build()
    transform._draw = lambda: draws
    return transform(dict(img=image.copy()))['img']


def test_contrast_and_brightness():
    expected = np.rint(IMAGE * 1.2 - 0.1 * 255).clip(0, 255)
    assert np.array_equal(fixed(((0.2, -0.1), None, None)), expected)


def test_gamma():
    expected = np.rint(255 * (IMAGE / 255) ** 0.8)
    assert np.array_equal(fixed((None, 0.8, None)), expected)


def test_hue_saturation_value():
    image = fixed((None, None, (20, -30, 15)))
    for before, after in zip(IMAGE[0], image[0], strict=True):
        hsv = np.array(colorsys.rgb_to_hsv(*before[::-1] / 255)) * (180, 255, 255)
        hue, saturation, value = hsv + (20, -30, 15)
        wanted = colorsys.hsv_to_rgb(
            hue % 180 / 180, np.clip(saturation, 0, 255) / 255, min(value, 255) / 255
        )
        # Hue, saturation and value are bytes on the way.
        assert after[::-1] / 255 == pytest.approx(wanted, abs=0.02)


def test_hue_wraps_around():
    red = np.zeros((1, 1, 3), np.uint8)
    red[..., 2] = 200
    image = fixed((None, None, (-10, 0, 0)), red)
    assert image[0, 0, 2] == 200 and image[0, 0, 0] > 50 and image[0, 0, 1] == 0


def test_zero_ranges_change_nothing_but_rounding():
    image = apply(**NONE, prob=1.0)
    assert np.abs(image.astype(int) - IMAGE).max() <= 6
    assert np.array_equal(apply(prob=0.0), IMAGE)


def test_draws_stay_in_their_ranges_and_use_their_probability():
    transform = build()
    draws = [transform._draw() for _ in range(1500)]
    spans = [(0.2, 0.2), None, (20, 30, 20)]
    for index, span in enumerate(spans):
        column = [draw[index] for draw in draws if draw[index] is not None]
        assert len(column) / len(draws) == pytest.approx(0.5, abs=0.05)
        values = np.array(column)
        if span is None:
            assert 0.8 <= values.min() < 0.82 and 1.18 < values.max() <= 1.2
        else:
            assert (np.abs(values) <= span).all()
            assert (values.max(0) > 0.9 * np.array(span)).all()
            assert (values.min(0) < -0.9 * np.array(span)).all()


def test_numpys_seed_decides_and_the_input_is_kept():
    images = []
    copy = IMAGE.copy()
    for _ in range(2):
        np.random.seed(1)
        transform = build(prob=1.0)
        images.append(transform(dict(img=copy))['img'])
    assert np.array_equal(*images) and not np.array_equal(images[0], IMAGE)
    assert np.array_equal(copy, IMAGE)


@pytest.mark.parametrize(
    'image', [IMAGE.astype(np.float32), IMAGE[..., 0], IMAGE[..., :2]]
)
def test_other_pictures_are_refused(image):
    with pytest.raises(ValueError, match=r'shape \(H, W, 3\) and type uint8, got'):
        apply(image)


def test_a_wrong_probability_is_refused():
    with pytest.raises(ValueError, match=r'prob must be in \[0, 1\], got 2'):
        build(prob=2)


def test_repr():
    assert 'gamma=(0.8, 1.2), hue=20' in repr(build())
