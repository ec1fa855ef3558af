"""InstructCV's pictures, readers and figures: the released ones and the standard ones.

``data/parity/instructcv.npz`` has what the released code computes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import permutations

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import METRICS, TASK_UTILS, TRANSFORMS
from mmengine.structures import BaseDataElement, InstanceData, PixelData
from PIL import Image

import diffmm  # noqa: F401  registers the codecs
from diffmm.evaluation.instructcv_quirks import (
    evaluate_boxes,
    keep_matched,
    quirky_depth_errors,
    quirky_iou,
)
from diffmm.models.perceptors.box_outlines import PAINTS, read_contours, read_corners
from diffmm.models.perceptors.color_codec import dominant_color
from diffmm.models.perceptors.unit_pixels import to_uint8
from diffmm.utils.instructions import INSTRUCTIONS
from tests.parity_generative import to_input
from tests.parity_instructcv import icv

CLASSES = ('wall', 'sky', 'tree', 'person', 'car')
DEPTH_ERRORS = ('rmse', 'abs_rel', 'd1')


@pytest.mark.parametrize(
    ('tag', 'color', 'width'),
    [('coco', 'blue', 4), ('voc', 'red', 5), ('pets', 'blue', 6)],
)
def test_outlines(tag, color, width):
    codec = TASK_UTILS.build(dict(type='BoxOutlineCodec', color=color, width=width))
    boxes = torch.from_numpy(icv(f'det_{tag}.boxes'))
    sample = BaseDataElement(gt_instances=InstanceData(bboxes=boxes))
    target = codec.encode([sample], to_input(icv(f'det_{tag}.image')))
    expected = icv(f'det_{tag}.target')
    np.testing.assert_array_equal(to_uint8(target.pictures[0]), expected)


def test_masks():
    codec = TASK_UTILS.build(dict(type='WhiteMaskCodec'))
    from mmseg.datasets import ADE20KDataset

    names = ADE20KDataset.METAINFO['classes']
    for name, expected in zip(icv('seg.classes'), icv('seg.targets'), strict=True):
        # The files count from 1, and 0 has no class.
        mask = torch.from_numpy(icv('seg.labels') == names.index(str(name)) + 1).long()
        sample = BaseDataElement(gt_sem_seg=PixelData(data=mask[None]))
        picture = codec.encode([sample]).pictures[0]
        np.testing.assert_array_equal(to_uint8(picture), expected)


def test_depth():
    codec = TASK_UTILS.build(dict(type='MetricDepthCodec', max_depth=10))
    meters = torch.from_numpy(icv('depth.depth_png')).float() / 25.5
    sample = BaseDataElement(gt_depth_map=PixelData(data=meters[None]))
    target = codec.encode([sample])
    np.testing.assert_array_equal(to_uint8(target.pictures[0]), icv('depth.target'))
    read = codec.decode(target.pictures)[0, 0]
    torch.testing.assert_close(read, meters)
    # The released reader of 16-bit files ends at 255, which ours does not use.
    expected = icv('depth16.input').clip(max=255).ravel()
    np.testing.assert_array_equal(icv('depth16.rgb').ravel(), expected)


@pytest.mark.parametrize(
    'tag', ['decode', pytest.param('decode_noisy', marks=pytest.mark.slow)]
)
@pytest.mark.parametrize('reader', ['contour', 'corner'])
def test_box_readers(tag, reader):
    height, width = icv(f'{tag}.original_hw').tolist()
    picture = cv2.resize(icv(f'{tag}.prediction'), (width, height))
    read = dict(contour=read_contours, corner=read_corners)[reader]
    found = read(picture, PAINTS['blue'])
    expected = icv(f'{tag}.boxes_{reader}')
    assert found.shape == expected.shape
    # Versions of OpenCV differ by up to two pixels.
    np.testing.assert_allclose(found, expected, atol=2)


def test_colors():
    found = [dominant_color(picture) for picture in icv('cls.images')]
    # Red lies at both ends of the hues; the released code says at which.
    assert found == [str(name).replace('red2', 'red') for name in icv('cls.colour')]


def test_sentences():
    """Ours are fewer for classes and boxes, and the plain first one is drawn, too."""
    tasks = ('detection', 'segmentation', 'depth', 'classification')
    counts = dict(zip(tasks, icv('prompts.counts').tolist(), strict=True))
    assert counts == dict(detection=118, segmentation=319, depth=42, classification=6)
    assert icv('prompts.first_line_never_drawn').all()
    draw = TRANSFORMS.build(dict(type='DrawQuery', task='depth'))
    np.random.seed(0)
    drawn = {draw({})['instruction'] for _ in range(600)}
    assert drawn == set(INSTRUCTIONS['depth'])


def share_below(pred, true, limit):
    pred, true = pred[true > 0], true[true > 0]
    with np.errstate(divide='ignore'):
        ratio = np.maximum(pred / true, true / pred)
    return (ratio < limit).mean()


def test_depth_errors():
    metric = METRICS.build(
        dict(type='PerImageDepthMetric', depth_metrics=DEPTH_ERRORS, max_depth_eval=11)
    )
    quirks = METRICS.build(dict(type='InstructCVDepthQuirks'))
    rows = (icv(f'depth_metric.{key}') for key in ('ground_truth', 'prediction'))
    for number, (target, prediction) in enumerate(zip(*rows, strict=True)):
        size = target.shape[::-1]
        resized = Image.fromarray(prediction).resize(size, Image.Resampling.BILINEAR)
        pred, true = (np.asarray(each) / 255 * 10 for each in (resized, target))
        found = quirky_depth_errors(pred, true)
        expected = icv('depth_metric.quirk')[number]
        assert [found[key] for key in DEPTH_ERRORS] == pytest.approx(expected)
        maps = dict(pred_depth_map=pred, gt_depth_map=true)
        sample = {k: dict(data=torch.from_numpy(v)[None]) for k, v in maps.items()}
        metric.process({}, [sample])
        quirks.process({}, [sample])
        standard = [float(metric.results[-1][key]) for key in DEPTH_ERRORS]
        *expected, share = icv('depth_metric.standard')[number].tolist()
        assert standard[:2] == pytest.approx(expected, rel=1e-4)
        # Levels of 8 bits may be exactly 1.25 apart, but for rounding.
        low, high = (share_below(pred, true, 1.25 + margin) for margin in (-1e-6, 1e-6))
        assert all(low <= found <= high for found in (standard[2], share))
    found = quirks.compute_metrics(quirks.results)
    expected = icv('depth_metric.quirk_mean')
    assert [found[key] for key in DEPTH_ERRORS] == pytest.approx(expected)


def test_iou():
    quirks = METRICS.build(dict(type='InstructCVSegmentationQuirks'))
    standard = METRICS.build(dict(type='mmseg.IoUMetric'))
    # A label of its own for all that is not of the class.
    standard.dataset_meta = dict(classes=(*CLASSES, 'other'))
    other = len(CLASSES)
    pictures = defaultdict(list)
    for row, (mask, gray) in enumerate(
        zip(icv('seg_metric.ground_truth'), icv('seg_metric.prediction'), strict=True)
    ):
        label = CLASSES.index(str(icv('seg_metric.class_of')[row]))
        found = quirky_iou(gray, mask)
        assert found == pytest.approx(icv('seg_metric.quirk_iou')[row], rel=1e-6)
        pictures[int(icv('seg_metric.image_of')[row])].append(found)
        size = mask.shape[::-1]
        resized = Image.fromarray(gray).resize(size, Image.Resampling.BILINEAR)
        maps = (np.where(m, label, other) for m in (np.asarray(resized) > 127, mask))
        pred, true = (dict(data=torch.from_numpy(each)[None]) for each in maps)
        standard.process({}, [dict(pred_sem_seg=pred, gt_sem_seg=true)])
    found = quirks.compute_metrics([*pictures.values()])
    assert found['mIoU'] == pytest.approx(100 * icv('seg_metric.quirk_miou'))
    areas = zip(*standard.results, strict=True)
    intersect, union, _, area = (sum(each) for each in areas)
    asked = area[:other] > 0
    iou = (intersect[:other] / union[:other])[asked]
    expected = icv('seg_metric.standard_iou')
    np.testing.assert_allclose(iou, expected, rtol=1e-5)
    assert float(iou.mean()) == pytest.approx(float(icv('seg_metric.standard_miou')))


@pytest.fixture
def boxes():
    """Per picture and class, true and predicted boxes."""
    pictures = defaultdict(dict)
    for picture, name, true, found in json.loads(str(icv('det_metric.samples'))):
        pictures[picture][name] = (true, found)
    return pictures


def numbered(pictures):
    names = sorted({name for classes in pictures.values() for name in classes})
    return [
        {names.index(name): pair for name, pair in classes.items()}
        for classes in pictures.values()
    ]


def listings(pictures):
    """Orders in which the released code may have listed the queries.

    It takes them as the folder lists them, which is not stored. All scores are 1, so
    the order of the pictures matters, and the first true box is never found.
    """
    for names in permutations(pictures):
        first, *rest = names
        for start in pictures[first]:
            ordered = {start: pictures[first][start], **pictures[first]}
            yield numbered({first: ordered} | {name: pictures[name] for name in rest})


def test_average_precision_after_a_filter_that_sees_the_truth(boxes):
    kept = {
        picture: {name: (true, keep_matched(true, found)) for name, (true, found) in c}
        for picture, c in ((p, classes.items()) for p, classes in boxes.items())
    }
    expected = json.loads(str(icv('det_metric.kept')))
    found = {
        f'{picture}_{name}_det': pair[1]
        for picture, classes in kept.items()
        for name, pair in classes.items()
    }
    assert found == expected
    every = [evaluate_boxes(each, (100, 300, 1000), 0) for each in listings(kept)]
    expected = icv('det_metric.quirk_stats')
    assert any(np.allclose(stats, expected, rtol=1e-6) for stats in every)


def test_average_precision_of_all_boxes(boxes):
    expected = icv('det_metric.standard_stats')
    # The reference counts ids from 0, too: its first true box is never found.
    (pictures, *_) = (
        each
        for each in listings(boxes)
        if np.allclose(evaluate_boxes(each, (1, 10, 100), 0), expected, rtol=1e-6)
    )
    stats = evaluate_boxes(pictures, (1, 10, 100))
    # The host's metric finds it, and says the rest with three digits.
    metric = METRICS.build(dict(type='mmdet.CocoMetric', proposal_nums=(1, 10, 100)))
    labels = {label for classes in pictures for label in classes}
    metric.dataset_meta = dict(classes=tuple(map(str, sorted(labels))))
    for number, classes in enumerate(pictures):
        instances = [
            dict(bbox=box, bbox_label=label, ignore_flag=0)
            for label, (true, _) in classes.items()
            for box in true
        ]
        pairs = [(b, label) for label, (_, found) in classes.items() for b in found]
        pred = dict(
            bboxes=torch.tensor([b for b, _ in pairs]).float().reshape(-1, 4),
            labels=torch.tensor([label for _, label in pairs]),
            scores=torch.ones(len(pairs)),
        )
        shape = dict(img_id=number, ori_shape=(512, 512))
        metric.process({}, [dict(shape, instances=instances, pred_instances=pred)])
    result = metric.evaluate(len(pictures))
    found = [result[f'coco/bbox_mAP{key}'] for key in ('', '_50', '_75')]
    np.testing.assert_allclose(found, stats[:3], atol=6e-4)
    assert (stats[:3] >= expected[:3]).all()
