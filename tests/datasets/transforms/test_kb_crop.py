import numpy as np
import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401


def build(**options):
    return TRANSFORMS.build(dict(type='KBCrop', **options))


def item(height, width, **more):
    """A picture whose pixels tell their row and column."""
    rows, columns = np.mgrid[:height, :width]
    return dict(
        img=np.stack([rows, columns, rows], axis=-1),
        gt_depth_map=(rows * 10000 + columns).astype(np.float64),
        seg_fields=['gt_depth_map'],
        img_shape=(height, width),
        ori_shape=(height, width),
        depth_map_path='depth.png',
        img_path='street.png',
        **more,
    )


@pytest.mark.parametrize(
    ('size', 'top', 'left'),
    # Sizes of KITTI's pictures.
    [((375, 1242), 23, 13), ((370, 1226), 18, 5), ((376, 1241), 24, 12)],
)
def test_the_lowest_rows_and_the_middle_columns(size, top, left):
    found = build()(item(*size))
    assert found['img'].shape == (352, 1216, 3)
    assert found['img'][0, 0].tolist() == [top, left, top]
    assert found['img'][-1, -1, 0] == size[0] - 1
    assert found['gt_depth_map'].shape == (352, 1216)
    assert found['gt_depth_map'][0, 0] == top * 10000 + left
    assert found['img_shape'] == found['ori_shape'] == (352, 1216)


def test_a_picture_that_is_only_predicted_stays_whole():
    results = item(375, 1242)
    del results['depth_map_path']
    assert build()(results)['img'].shape == (375, 1242, 3)


@pytest.mark.parametrize('size', [(351, 1242), (375, 1215)])
def test_a_picture_below_the_region_is_refused(size):
    with pytest.raises(ValueError, match=rf'street.png has {size[0]}x{size[1]} pixels'):
        build()(item(*size))


def test_the_region_can_be_another():
    found = build(crop_size=(4, 6))(item(5, 9))
    assert found['img'][..., 0].min() == 1 and found['img'][..., 1].min() == 1
    assert found['img'].shape == (4, 6, 3)
    with pytest.raises(ValueError, match=r'must be positive, got \(0, 6\)'):
        build(crop_size=(0, 6))
