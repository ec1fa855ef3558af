import numpy as np
import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401

DEPTH = np.linspace(0, 12, 40, dtype=np.float32)[None].repeat(30, axis=0)
IMAGE = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)


def build(**options):
    return TRANSFORMS.build(dict(type='VerticalCutDepth', **options))


def apply(transform):
    results = transform(dict(img=IMAGE.copy(), gt_depth_map=DEPTH.copy()))
    assert np.array_equal(results['gt_depth_map'], DEPTH)
    return results['img']


def test_a_strip_of_grey_depth_replaces_the_picture():
    transform = build(prob=1.0)
    gray = np.rint(255 * (DEPTH / 10).clip(0, 1))[..., None]
    widths = []
    for _ in range(200):
        image = apply(transform)
        assert image.dtype == np.uint8
        changed = np.flatnonzero((image != IMAGE).any(axis=(0, 2)))
        strip = slice(changed[0], changed[-1] + 1)
        assert (image[:, strip] == gray[:, strip]).all()
        widths.append(len(changed) / (40 - changed[0]))
        assert len(changed) == strip.stop - strip.start
    # Up to three quarters of what is left (or a single column).
    assert 0.5 < max(w for w in widths if w < 1) <= 0.75


def test_depth_does_not_wrap():
    transform = build(prob=1.0)
    gray = transform._gray(DEPTH[0])
    assert (np.diff(gray.astype(int)) >= 0).all()
    assert gray[0] == 0 and gray[-1] == 255


def test_probability_and_input_are_kept():
    never = build(prob=0.0)
    results = dict(img=IMAGE, gt_depth_map=DEPTH)
    assert never(results)['img'] is IMAGE
    copy = IMAGE.copy()
    always = build(prob=1.0)
    always(dict(img=copy, gt_depth_map=DEPTH))
    assert np.array_equal(copy, IMAGE)
    quarter = build()
    share = np.mean([not np.array_equal(apply(quarter), IMAGE) for _ in range(2000)])
    assert share == pytest.approx(0.25, abs=0.04)


def test_numpys_seed_decides():
    transform = build(prob=0.5)
    runs = []
    for _ in range(2):
        np.random.seed(3)
        runs.append([apply(transform) for _ in range(8)])
    assert np.array_equal(*runs)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(prob=1.5), r'prob must be in \[0, 1\], got 1.5'),
        (dict(width_ratio=-1), r'width_ratio must be in \[0, 1\], got -1'),
        (dict(max_depth=0), 'max_depth must be positive, got 0'),
    ],
)
def test_wrong_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_repr():
    assert 'prob=0.25, width_ratio=0.75, max_depth=10.0' in repr(build())
