import pytest
import torch
from mmengine.registry import METRICS

from diffmm.evaluation.aligned_depth_metric import align_depth


def test_scale_and_shift_are_found_on_valid_pixels():
    target = torch.rand(20, 20) * 5 + 1
    valid = torch.rand(20, 20) > 0.3
    pred = torch.where(valid, -(target - 2) / 7, 100.0)
    aligned = align_depth(pred, target, valid)
    torch.testing.assert_close(aligned[valid].float(), target[valid])


def test_a_constant_prediction_becomes_the_mean():
    target, valid = torch.rand(9, 9), torch.ones(9, 9, dtype=torch.bool)
    aligned = align_depth(torch.full((9, 9), 3.0), target, valid)
    torch.testing.assert_close(aligned.float(), target.mean().expand(9, 9))


def test_depth_outside_of_the_range_counts_nowhere():
    metric = METRICS.build(dict(type='AlignedDepthMetric', max_depth_eval=80))
    depth = torch.rand(1, 8, 8) + 1
    depth[0, 0, 0] = 655.35
    sample = dict(pred_depth_map=dict(data=1 - depth / 1000))
    metric.process({}, [dict(sample, gt_depth_map=dict(data=depth))])
    empty = dict(data=torch.zeros(1, 8, 8))
    metric.process({}, [dict(sample, gt_depth_map=empty)])
    with pytest.warns(UserWarning, match='1 of 2 images have no depth'):
        found = metric.compute_metrics(metric.results)
    assert found['abs_rel'] == pytest.approx(0, abs=1e-4) and found['d1'] == 1
