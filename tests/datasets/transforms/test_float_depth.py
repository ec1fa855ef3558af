import numpy as np
import pytest
from mmengine.registry import TRANSFORMS

import diffmm.datasets  # noqa: F401 - registers the transform

DEPTH = np.array([[1.5, np.inf, 3.0], [np.nan, 5.0, 6.0]], np.float32)
KNOWN = np.array([[1.5, 0.0, 3.0], [0.0, 5.0, 6.0]], np.float32)


@pytest.fixture
def load():
    return TRANSFORMS.build(dict(type='LoadFloatDepth'))


def results(path, **more):
    return dict(depth_map_path=str(path), ori_shape=(2, 3), seg_fields=[], **more)


def test_raw_floats_have_the_size_of_the_picture(load, tmp_path):
    path = tmp_path / 'DSC_0219.JPG'
    path.write_bytes(DEPTH.astype('<f4').tobytes())
    loaded = load(results(path))
    assert np.array_equal(loaded['gt_depth_map'], KNOWN)
    assert loaded['gt_depth_map'].dtype == np.float32
    assert loaded['seg_fields'] == ['gt_depth_map']
    path.write_bytes(b'four')
    with pytest.raises(
        ValueError, match='4 bytes, not the 24 of float32 .* 2x3 pixels'
    ):
        load(results(path))


@pytest.mark.parametrize('shape', [(2, 3), (2, 3, 1)])
def test_arrays_and_masks(load, tmp_path, shape):
    np.save(tmp_path / 'a.npy', DEPTH.reshape(shape).astype(np.float64))
    assert np.array_equal(load(results(tmp_path / 'a.npy'))['gt_depth_map'], KNOWN)
    mask = np.array([[1, 1, 0], [1, 0, 1]], np.float64)
    np.save(tmp_path / 'mask.npy', mask)
    masked = load(
        results(tmp_path / 'a.npy', depth_mask_path=str(tmp_path / 'mask.npy'))
    )
    assert np.array_equal(masked['gt_depth_map'], KNOWN * mask.astype(np.float32))


def test_other_arrays_are_refused(load, tmp_path):
    np.save(tmp_path / 'a.npy', DEPTH.T)
    with pytest.raises(ValueError, match=r'shape \(3, 2\) and its picture 2x3'):
        load(results(tmp_path / 'a.npy'))
    (tmp_path / 'a.npy').write_bytes(b'half')
    with pytest.raises(ValueError, match=r'a.npy is no intact NumPy file'):
        load(results(tmp_path / 'a.npy'))
    np.save(tmp_path / 'a.npy', np.array([{}], object), allow_pickle=True)
    with pytest.raises(ValueError, match=r'a.npy is no intact NumPy file'):
        load(results(tmp_path / 'a.npy'))


def test_a_picture_without_a_map_passes(load):
    item = dict(seg_fields=[])
    assert load(item) is item and repr(load) == 'LoadFloatDepth(backend_args=None)'
