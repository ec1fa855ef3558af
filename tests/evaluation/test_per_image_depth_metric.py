import math
import warnings

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import METRICS

import diffmm  # noqa: F401

ALL = ('d1', 'd2', 'd3', 'abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'log10', 'silog')


def build(**options):
    return METRICS.build(dict(type='PerImageDepthMetric', **options))


def sample(pred, target, path='scene/a.jpg'):
    return dict(
        pred_depth_map=dict(data=torch.as_tensor(pred)[None]),
        gt_depth_map=dict(data=torch.as_tensor(target)[None]),
        img_path=path,
    )


def random_depth(seed, shape=(13, 17)):
    """Prediction and target of 0.3 to 12 m, a quarter of the target unknown."""
    random = np.random.default_rng(seed)
    target = random.uniform(0.3, 12, shape)
    pred = target * random.uniform(0.5, 1.8, shape)
    return pred, target * (random.random(shape) > 0.25)


def by_hand(pred, target, low=1e-3, high=10.0):
    """VPD's formulas in float64, pixel by pixel."""
    pairs = [
        (p, t)
        for p, t in zip(pred.ravel().tolist(), target.ravel().tolist(), strict=True)
        if low < t < high
    ]

    def mean(function):
        return sum(function(p, t) for p, t in pairs) / len(pairs)

    def within(power):
        return mean(lambda p, t: max(p / t, t / p) < 1.25**power)

    def log_error(p, t):
        return math.log(p) - math.log(t)

    return dict(
        d1=within(1),
        d2=within(2),
        d3=within(3),
        abs_rel=mean(lambda p, t: abs(p - t) / t),
        sq_rel=mean(lambda p, t: (p - t) ** 2 / t),
        rmse=math.sqrt(mean(lambda p, t: (p - t) ** 2)),
        rmse_log=math.sqrt(mean(lambda p, t: log_error(p, t) ** 2)),
        log10=mean(lambda p, t: abs(math.log10(p) - math.log10(t))),
        silog=math.sqrt(
            mean(lambda p, t: log_error(p, t) ** 2) - 0.5 * mean(log_error) ** 2
        ),
    )


def evaluate(metric, samples, size=None):
    metric.process({}, samples)
    return metric.evaluate(len(samples) if size is None else size)


def test_mean_over_images_of_the_formulas():
    depths = [random_depth(seed) for seed in range(5)]
    expected = [by_hand(*depth) for depth in depths]
    found = evaluate(build(), [sample(*depth) for depth in depths])
    assert set(found) == set(ALL)
    for name in ALL:
        mean = np.mean([errors[name] for errors in expected])
        assert found[name] == pytest.approx(mean, rel=1e-6), name


def test_it_is_the_hosts_where_the_host_is_right():
    depths = [random_depth(seed) for seed in range(3)]
    samples = [sample(*depth) for depth in depths]
    options = dict(min_depth_eval=1e-3, max_depth_eval=10.0)
    host = METRICS.build(dict(type='mmseg.DepthMetric', **options))
    expected = evaluate(host, samples)
    assert evaluate(build(**options), samples) == pytest.approx(expected, rel=1e-5)


def test_some_metrics_can_be_chosen():
    found = evaluate(build(depth_metrics=['rmse', 'd1']), [sample(*random_depth(0))])
    assert list(found) == ['rmse', 'd1']
    with pytest.raises(ValueError, match=r"depth_metrics must be some.*got \['mae'\]"):
        build(depth_metrics=['mae'])
    with pytest.raises(ValueError, match=r'got \[\]'):
        build(depth_metrics=[])


def test_an_image_without_depth_is_left_out_and_counted():
    depths = [random_depth(seed) for seed in range(3)]
    depths[1] = (depths[1][0], np.zeros((13, 17)))
    with pytest.warns(UserWarning, match='1 of 3 images have no depth between'):
        found = evaluate(build(), [sample(*depth) for depth in depths])
    expected = evaluate(build(), [sample(*depths[0]), sample(*depths[2])])
    assert found == pytest.approx(expected)
    with pytest.raises(ValueError, match='none of 1 images has depth'):
        evaluate(build(), [sample(*depths[1])])


def test_padding_of_a_sampler_does_not_count_twice():
    depths = [random_depth(seed) for seed in range(3)]
    depths[0] = (depths[0][0], np.zeros((13, 17)))
    samples = [sample(*depth) for depth in depths]
    with pytest.warns(UserWarning, match='1 of 3 images'):
        expected = evaluate(build(), samples)
    # Two processes see four samples of a set of three; collecting cuts the last one.
    with pytest.warns(UserWarning, match='1 of 3 images'):
        found = evaluate(build(), [*samples, samples[1]], size=3)
    assert found == expected


def test_predictions_that_are_no_depth_are_replaced_and_counted():
    pred, target = random_depth(0)
    target[0, :4] = 5.0
    bad, mended = pred.copy(), pred.copy()
    bad[0, :4] = [np.nan, np.inf, 0.0, -np.inf]
    mended[0, :4] = [1e-3, 10.0, 1e-3, 1e-3]
    with pytest.warns(UserWarning, match='4 predicted pixels are no depth'):
        found = evaluate(build(), [sample(bad, target)])
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        expected = evaluate(build(), [sample(mended, target)])
    assert found == pytest.approx(expected)
    assert all(map(math.isfinite, found.values()))


def test_valid_predictions_are_not_clipped():
    found = evaluate(build(), [sample(np.full((2, 2), 30.0), np.full((2, 2), 5.0))])
    assert found['rmse'] == pytest.approx(25)


def test_a_perfect_prediction():
    _, target = random_depth(1)
    found = evaluate(build(), [sample(np.maximum(target, 0.1), target)])
    assert found == {name: float(name in ('d1', 'd2', 'd3')) for name in ALL}


def test_nyu_crop():
    pred, target = random_depth(2, (480, 640))
    found = evaluate(build(crop_type='nyu_crop'), [sample(pred, target)])
    expected = by_hand(pred[45:471, 41:601], target[45:471, 41:601])
    assert found == pytest.approx(expected)
    with pytest.raises(ValueError, match=r"'nyu_crop' .*/a.jpg has \(13, 17\)"):
        evaluate(build(crop_type='nyu_crop'), [sample(*random_depth(0))])


@pytest.mark.parametrize(
    ('shape', 'rows', 'columns'),
    # Behind the KB crop, and a whole picture of KITTI.
    [
        ((352, 1216), (143, 349), (43, 1172)),
        ((375, 1242), (153, 371), (44, 1197)),
    ],
)
def test_garg_crop(shape, rows, columns):
    pred, target = random_depth(3, shape)
    target *= 6
    metric = build(crop_type='garg_crop', max_depth_eval=80.0)
    inside = (slice(*rows), slice(*columns))
    found = evaluate(metric, [sample(pred, target)])
    assert found == pytest.approx(by_hand(pred[inside], target[inside], high=80.0))
    # What lies outside makes no difference.
    outside = np.ones(shape, bool)
    outside[inside] = False
    pred[outside] = 1.0
    assert evaluate(metric, [sample(pred, target)]) == found


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r'prediction is \(2, 2\) .* \(2, 3\) pixels'):
        evaluate(build(), [sample(np.ones((2, 2)), np.ones((2, 3)))])


@pytest.mark.parametrize('limits', [(0, 10), (2, 1), (1e-3, float('inf'))])
def test_impossible_ranges_are_refused(limits):
    with pytest.raises(ValueError, match='min_depth_eval < max_depth_eval < inf'):
        build(min_depth_eval=limits[0], max_depth_eval=limits[1])


def test_files_keep_scenes_apart(tmp_path):
    metric = build(format_only=True, output_dir=str(tmp_path), depth_scale_factor=1000)
    pred = np.array([[1.2346, np.nan], [np.inf, 100.0]])
    samples = [
        dict(pred_depth_map=dict(data=torch.tensor(pred)[None]), img_path=path)
        for path in ('data/cafe_1/rgb_0.jpg', 'data/cafe_2/rgb_0.jpg')
    ]
    assert evaluate(metric, samples) == {}
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ['cafe_1_rgb_0.png', 'cafe_2_rgb_0.png']
    units = cv2.imread(str(tmp_path / names[0]), cv2.IMREAD_UNCHANGED)
    assert units.dtype == np.uint16
    assert units.tolist() == [[1235, 0], [65535, 65535]]
