from __future__ import annotations

import json
import os

import numpy as np
import pytest
import torch
from mmengine.dataset import DefaultSampler
from mmengine.registry import METRICS
from PIL import Image

import diffmm  # noqa: F401
from diffmm.evaluation.referring_iou_metric import (
    referring_scores,
    resize_nearest,
)

NETWORK = (16, 16)


def build(**options):
    return METRICS.build(dict(type='ReferringIoUMetric', **options))


def sample(generator, size, share=0.5):
    """A random ground truth, and predictions that agree with it now and then."""
    truth = generator.random((1, *size)) < share
    wrong = generator.random(truth.shape) < generator.random()
    original = truth ^ wrong
    network = generator.random((1, *NETWORK)) < share
    return dict(
        gt_sem_seg=dict(data=torch.from_numpy(truth.astype(np.uint8))),
        pred_sem_seg=dict(data=torch.from_numpy(original.astype(np.int64))),
        network_sem_seg=dict(data=torch.from_numpy(network.astype(np.int64))),
    )


def samples(count=25):
    generator = np.random.default_rng(0)
    sizes = generator.integers(5, 40, (count, 2))
    return [sample(generator, tuple(size)) for size in sizes]


def by_hand(pairs):
    """The published definitions, sentence by sentence, in float64."""
    total_i, total_u, ious = 0, 0, []
    for prediction, truth in pairs:
        i = u = 0
        for p, t in zip(
            prediction.ravel().tolist(), truth.ravel().tolist(), strict=True
        ):
            i += p == 1 and t == 1
            u += p == 1 or t == 1
        total_i, total_u = total_i + i, total_u + u
        ious.append(i / u if u else 0.0)
    result = dict(oIoU=100 * total_i / total_u, mIoU=100 * sum(ious) / len(ious))
    for threshold in (0.5, 0.6, 0.7, 0.8, 0.9):
        hits = [iou >= threshold for iou in ious]
        result[f'P@{threshold}'] = 100 * sum(hits) / len(hits)
    return result


def resized(truth):
    """As PIL resizes a picture of classes."""
    picture = Image.fromarray(truth[0].numpy())
    return np.asarray(picture.resize(NETWORK[::-1], Image.NEAREST))[None]


def test_both_frames_follow_the_definitions():
    metric, rows = build(), samples()
    metric.process({}, rows[:10])
    metric.process({}, rows[10:])
    result = metric.evaluate(len(rows))
    truths = [row['gt_sem_seg']['data'] for row in rows]
    expected = {}
    for frame, key, targets in (
        ('network', 'network_sem_seg', map(resized, truths)),
        ('original', 'pred_sem_seg', truths),
    ):
        predictions = (row[key]['data'] for row in rows)
        scores = by_hand(zip(predictions, targets, strict=True))
        expected |= {f'referring/{frame}/{k}': v for k, v in scores.items()}
    assert result == pytest.approx(expected, rel=1e-12)
    assert len(result) == 14
    assert 0 < result['referring/original/P@0.9'] < result['referring/original/P@0.5']


@pytest.mark.parametrize('size', [(37, 21), (16, 16), (5, 64), (480, 640)])
def test_nearest_pixels_are_those_of_pil(size):
    truth = torch.randint(0, 2, (1, *size), dtype=torch.uint8)
    assert np.array_equal(resize_nearest(truth, NETWORK).numpy(), resized(truth))


def test_thresholds_are_inclusive_and_empty_unions_count_zero():
    intersections = np.array([5, 6, 7, 8, 9, 0, 0])
    unions = np.array([10, 10, 10, 10, 10, 0, 4])
    scores = referring_scores(intersections, unions)
    hits = [scores[f'P@{t}'] for t in (0.5, 0.6, 0.7, 0.8, 0.9)]
    assert hits == pytest.approx([100 * n / 7 for n in (5, 4, 3, 2, 1)])
    assert scores['oIoU'] == pytest.approx(100 * 35 / 54)
    assert scores['mIoU'] == pytest.approx(100 * 3.5 / 7)
    nothing = referring_scores(np.zeros(2, int), np.zeros(2, int))
    assert set(nothing.values()) == {0.0}


def test_sums_do_not_overflow():
    large = np.full(3, 2**33)
    assert referring_scores(large, large)['oIoU'] == 100


def evaluate_part(rank, world, folder):
    """One process of two: its share of five sentences, one of them repeated."""
    os.chdir(folder)
    torch.distributed.init_process_group(
        'gloo', init_method=f'file://{folder}/store', rank=rank, world_size=world
    )
    rows = samples(5)
    metric = build()
    shown = list(DefaultSampler(rows, shuffle=False, seed=0))
    assert len(shown) == 3
    metric.process({}, [rows[index] for index in shown])
    with open(f'{folder}/{rank}.json', 'w') as file:
        json.dump(metric.evaluate(len(rows)), file)
    torch.distributed.destroy_process_group()


def test_processes_sum_up_and_count_no_sentence_twice(tmp_path):
    metric = build()
    metric.process({}, samples(5))
    alone = metric.evaluate(5)
    torch.multiprocessing.start_processes(
        evaluate_part, (2, str(tmp_path)), nprocs=2, start_method='fork'
    )
    for rank in range(2):
        together = json.loads((tmp_path / f'{rank}.json').read_text())
        assert together == pytest.approx(alone, rel=1e-12)


def test_one_frame_alone():
    metric, rows = build(frames=['original'], prefix='x'), samples(2)
    for row in rows:
        row.pop('network_sem_seg')
    metric.process({}, rows)
    assert set(metric.evaluate(2)) == {
        f'x/original/{name}'
        for name in ('oIoU', 'mIoU', 'P@0.5', 'P@0.6', 'P@0.7', 'P@0.8', 'P@0.9')
    }


def test_what_is_missing_is_named():
    (row,) = samples(1)
    del row['network_sem_seg']
    with pytest.raises(KeyError, match='network_sem_seg.*use the model Referring'):
        build().process({}, [row])


def test_a_mask_that_was_resized_is_refused():
    (row,) = samples(1)
    row['gt_sem_seg'] = row['network_sem_seg']
    with pytest.raises(ValueError, match='load the mask after Resize'):
        build().process({}, [row])


@pytest.mark.parametrize('frames', [(), ('network', '512')])
def test_unknown_frames(frames):
    with pytest.raises(ValueError, match="frames must be some of .*'network'"):
        build(frames=frames)


def test_the_mask_of_every_sentence_is_written(tmp_path):
    metric = build(output_dir=tmp_path / 'masks')
    one, other = samples(2)
    named = dict(img_path='train2014/a.jpg')
    metric.process({}, [one | named | dict(expression='left / 左边的 man')])
    metric.process({}, [other | named | dict(expression='x' * 400)])
    first, second = sorted((tmp_path / 'masks').iterdir())
    assert first.name.startswith('a_left-左边的-man_') and len(second.name) < 80
    written = np.asarray(Image.open(first)) == 255
    assert (written == one['pred_sem_seg']['data'][0].numpy()).all()
    with pytest.raises(KeyError, match="no 'expression'.*meta_keys"):
        metric.process({}, [one | named])
