import numpy as np
import pytest
import torch
from mmengine.registry import METRICS
from PIL import Image

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


@pytest.mark.parametrize(
    ('options', 'units'),
    [({}, 65535), (dict(alignment='none', depth_scale_factor=1000), 1000)],
)
def test_files_have_room_for_relative_depth(tmp_path, options, units):
    metric = METRICS.build(
        dict(type='AlignedDepthMetric', output_dir=str(tmp_path), **options)
    )
    pred = torch.tensor([[[0.0, 0.25], [0.5, 1.0]]])
    sample = dict(pred_depth_map=dict(data=pred), gt_depth_map=dict(data=pred + 1))
    metric.process({}, [sample | dict(img_path='scene/a.jpg')])
    written = np.asarray(Image.open(tmp_path / 'scene_a.png'))
    assert written == pytest.approx(pred[0].numpy() * units, abs=0.5)


def measured(pred, depth, **options):
    metric = METRICS.build(dict(type='AlignedDepthMetric', **options))
    sample = dict(pred_depth_map=dict(data=pred), gt_depth_map=dict(data=depth))
    metric.process({}, [sample])
    return metric.results[0]


def test_disparity_and_meters():
    depth = torch.rand(1, 16, 16) * 5 + 1
    disparity = 0.3 / depth + 0.1
    assert measured(disparity, depth, alignment='disparity')['abs_rel'] < 1e-6
    assert measured(disparity, depth)['abs_rel'] > 0.01
    assert measured(depth, depth, alignment='none')['rmse'] == 0
    assert measured(depth + 1, depth, alignment='none')['rmse'] == pytest.approx(1)


def test_a_coarser_grid_for_the_fit():
    depth = torch.rand(1, 64, 96) + 1
    pred = depth.clone()
    pred[:, 1::2], pred[:, :, 1::2] = 9.0, 9.0  # what a grid of 48 leaves out
    coarse = align_depth(pred[0], depth[0], depth[0] > 0, max_side=48)
    torch.testing.assert_close(coarse[::2, ::2].float(), depth[0, ::2, ::2])
    fine = align_depth(pred[0], depth[0], depth[0] > 0)
    assert (fine[::2, ::2] - depth[0, ::2, ::2]).abs().max() > 0.05


def test_only_the_prediction_is_limited():
    """As for DIODE: pixels beyond the limit still count."""
    depth = torch.full((1, 8, 8), 100.0)
    depth[:, :4] = 500.0
    options = dict(min_depth_eval=1e-5, max_depth_eval=1e6)
    assert measured(depth, depth, **options)['abs_rel'] == pytest.approx(0, abs=1e-9)
    limited = measured(depth, depth, clip_range=(0.6, 350.0), **options)
    assert limited['abs_rel'] == pytest.approx(0.5 * 150 / 500)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(alignment='median'), "got 'median'"),
        (dict(clip_range=(2, 1)), r'got \(2, 1\)'),
        (dict(max_align_side=0), 'got 0'),
    ],
    ids=str,
)
def test_options_that_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        METRICS.build(dict(type='AlignedDepthMetric', **options))
