"""Class maps and boxes that are corrupted."""

from __future__ import annotations

import pytest
import torch
from mmengine.structures import BaseDataElement, InstanceData, PixelData

from tests.models.perceptors.test_mask_transforms import (
    build,
    changed,
    sample,
    seeded,
    thing,
)


def test_relabeling_begins_at_nothing_and_repeats():
    relabel, target = build('RelabelRegions'), sample(thing())
    before = target.gt_sem_seg.data.clone()
    for seed in range(5):
        assert relabel.change(target, 0.0, seeded(seed)) is target
        one, other = (changed(relabel, target, 1.0, seed) for _ in range(2))
        assert torch.equal(one, other) and set(one.unique().tolist()) <= {0, 1}
    assert any((changed(relabel, target, 1.0, s) != thing()).any() for s in range(5))
    # The supervision is another object.
    assert torch.equal(target.gt_sem_seg.data, before)


def test_pixels_that_do_not_count_still_do_not():
    labels = thing()
    labels[:, :15] = 255
    for seed in range(5):
        found = changed(build('RelabelRegions'), sample(labels), 1.0, seed)
        assert torch.equal(found == 255, labels == 255)


def test_relabeled_regions_show_classes_of_the_picture():
    labels = torch.zeros(32, 48)
    labels[:, 24:], labels[20:] = 7, 19
    found = changed(build('RelabelRegions', rectangles=6), sample(labels), 1.0)
    assert set(found.unique().tolist()) <= {0, 7, 19} and (found != labels).any()
    one_class = sample(torch.ones(32, 48) * 3)
    assert build('RelabelRegions').change(one_class, 1.0, seeded()) is one_class


def boxes(count=6):
    corners = torch.tensor([[4.0, 4.0, 24.0, 20.0]]).repeat(count, 1)
    instances = InstanceData(bboxes=corners, labels=torch.arange(count))
    return sample(thing(), gt_instances=instances)


def test_boxes_move_within_the_picture_and_some_go():
    jitter, target = build('JitterBoxes', drop=0.5), boxes()
    assert jitter.change(target, 0.0, seeded()) is target
    found = jitter.change(target, 1.0, seeded()).gt_instances
    assert 0 < len(found) < 6 and len(found.labels) == len(found.bboxes)
    limit = torch.tensor([6.0, 4.8, 6.0, 4.8])
    moved = (found.bboxes - target.gt_instances.bboxes[0]).abs()
    assert (moved <= limit + 1e-4).all() and moved.max() > 0
    assert len(target.gt_instances) == 6
    # One stays, at any intensity, and none turns inside out.
    last = build('JitterBoxes', drop=1.0).change(target, 5.0, seeded()).gt_instances
    assert len(last) == 1 and (last.bboxes[:, 2:] > last.bboxes[:, :2]).all()
    assert (last.bboxes >= 0).all()


@pytest.mark.parametrize('name', ['RelabelRegions', 'JitterBoxes'])
def test_a_target_that_a_transform_does_not_know(name):
    depth = PixelData(data=torch.ones(1, 8, 8))
    target = BaseDataElement(gt_depth_map=depth, metainfo=dict(img_path='b.png'))
    with pytest.raises(ValueError, match=r"b.png has no .* \['gt_depth_map'\]: take"):
        build(name).change(target, 1.0, seeded())


@pytest.mark.parametrize(
    ('name', 'options', 'message'),
    [
        ('RelabelRegions', dict(rectangles=0), 'got 0'),
        ('RelabelRegions', dict(rectangles=2.0), 'got 2.0'),
        ('RelabelRegions', dict(sides=(0.5, 0.2)), r'got \(0.5, 0.2\)'),
        ('JitterBoxes', dict(shift=0), 'got 0'),
        ('JitterBoxes', dict(shift=0.5), 'got 0.5'),
        ('JitterBoxes', dict(drop=-1), 'got -1'),
    ],
)
def test_options_that_are_refused(name, options, message):
    with pytest.raises(ValueError, match=message):
        build(name, **options)
