import cv2
import numpy as np
import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401


def load(kind, path, mapping, reduce_zero_label=False):
    transform = TRANSFORMS.build(dict(type=kind))
    results = dict(
        seg_map_path=str(path),
        label_map=mapping,
        reduce_zero_label=reduce_zero_label,
        seg_fields=[],
    )
    return transform(results)


@pytest.fixture
def path(tmp_path):
    values = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / 'labels.png'), values)
    return tmp_path / 'labels.png'


@pytest.mark.parametrize('reduce_zero_label', [False, True])
@pytest.mark.parametrize(
    'mapping',
    # A chain shows whether one entry sees what another has done.
    [{1: 2, 2: 3, 3: 1, 9: 255}, dict.fromkeys(range(256), 7), None],
    ids=['chain', 'all', 'none'],
)
def test_the_result_is_the_hosts(path, mapping, reduce_zero_label):
    ours = load('LoadMappedLabels', path, mapping, reduce_zero_label)
    theirs = load('mmseg.LoadAnnotations', path, mapping, reduce_zero_label)
    assert np.array_equal(ours['gt_seg_map'], theirs['gt_seg_map'])
    assert ours['gt_seg_map'].dtype == np.uint8
    assert ours['seg_fields'] == ['gt_seg_map'] and ours['label_map'] == mapping
