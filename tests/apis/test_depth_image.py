import cv2
import numpy as np
import pytest

from diffmm.apis import DepthImage


@pytest.fixture
def result():
    depth = np.linspace(0.5, 9.5, 12 * 16, dtype=np.float32).reshape(12, 16)
    return DepthImage(np.zeros((12, 16, 3), np.uint8), depth)


def test_near_is_bright_and_far_is_dark(result):
    colours = result.colored().astype(int).sum(-1)
    assert colours.shape == (12, 16)
    assert colours[0, 0] > colours[6, 0] > colours[-1, -1]
    # A common range keeps colours comparable between images.
    part = DepthImage(result.image[:6], result.depth[:6])
    np.testing.assert_array_equal(part.colored((0.5, 9.5)), result.colored()[:6])


def test_a_constant_depth_has_one_colour():
    flat = DepthImage(np.zeros((4, 4, 3), np.uint8), np.full((4, 4), 2.0, np.float32))
    assert len(np.unique(flat.colored().reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize('units', [1000.0, 256.0])
def test_sixteen_bits_hold_the_depth(result, tmp_path, units):
    path = tmp_path / 'new' / 'depth.png'
    result.save_png16(path, units)
    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert stored.dtype == np.uint16
    np.testing.assert_allclose(stored / units, result.depth, atol=0.51 / units)


def test_the_coloured_picture_is_written(result, tmp_path):
    path = tmp_path / 'new' / 'depth.png'
    result.save_colored(path)
    np.testing.assert_array_equal(cv2.imread(str(path))[..., ::-1], result.colored())


def test_what_cannot_be_written_is_refused(result, tmp_path):
    with pytest.raises(ValueError, match=r'name it \.png'):
        result.save_png16(tmp_path / 'depth.jpg')
    with pytest.raises(ValueError, match='9.5 m are 95000 units'):
        result.save_png16(tmp_path / 'depth.png', 10000)
    with pytest.raises(ValueError, match='cannot write'):
        result.save_colored(tmp_path / 'depth.xyz')
