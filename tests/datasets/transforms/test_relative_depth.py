import math

import numpy as np
import pytest
from mmengine.registry import TRANSFORMS


def test_quantiles_of_valid_depth():
    depth = np.array([[0, 1, 2], [3, 4, 70]], 'float32')
    transform = TRANSFORMS.build(
        dict(type='DepthQuantiles', depth_range=(1e-5, 65), shares=(0.0, 0.5))
    )
    results = transform(dict(gt_depth_map=depth))
    assert results['depth_quantiles'] == (1.0, 2.5)
    assert results['depth_range'] == (1e-5, 65)


def test_a_map_without_valid_depth_has_no_quantiles():
    transform = TRANSFORMS.build(dict(type='DepthQuantiles', depth_range=(0, 65)))
    results = transform(dict(gt_depth_map=np.zeros((2, 2), 'float32')))
    assert all(math.isnan(end) for end in results['depth_quantiles'])
    assert transform(dict(img=1)) == dict(img=1)


def test_pictures_and_maps_are_resized_alike():
    rows, columns = np.mgrid[:6, :10]
    results = dict(img=np.stack([rows, columns, rows], -1), seg_fields=['gt_depth_map'])
    results['gt_depth_map'] = (100 * rows + columns).astype('float32')
    transform = TRANSFORMS.build(dict(type='NearestExactResize', scale=(5, 4)))
    results = transform(results)
    image = results['img']
    assert image.shape == (4, 5, 3) and results['img_shape'] == (4, 5)
    assert np.array_equal(100 * image[..., 0] + image[..., 1], results['gt_depth_map'])
    assert image[:, 0, 0].tolist() == [0, 2, 3, 5]


@pytest.mark.parametrize(
    ('config', 'message'),
    [
        (dict(type='DepthQuantiles', depth_range=(5, 5)), r'got \(5, 5\)'),
        (
            dict(type='DepthQuantiles', depth_range=(0, 5), shares=(0.9, 0.1)),
            r'shares .* got \(0.9, 0.1\)',
        ),
        (dict(type='NearestExactResize', scale=(0, 5)), r'got \(0, 5\)'),
    ],
)
def test_bad_numbers_are_quoted(config, message):
    with pytest.raises(ValueError, match=message):
        TRANSFORMS.build(config)
