import numpy as np
import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401


def score(**results):
    transform = TRANSFORMS.build(dict(type='ScoreAtInputSize'))
    return transform(dict(img_shape=(64, 64), ori_shape=(30, 40), **results))


def test_an_annotated_picture_is_scored_as_it_was_resized():
    assert score(gt_seg_map=np.zeros((64, 64)))['ori_shape'] == (64, 64)


def test_a_picture_alone_is_predicted_at_its_own_size():
    assert score()['ori_shape'] == (30, 40)


def test_an_annotation_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r'a.jpg .*\(30, 40\), the input \(64, 64\)'):
        score(gt_seg_map=np.zeros((30, 40)), img_path='a.jpg')
