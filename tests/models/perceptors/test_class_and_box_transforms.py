"""Class maps and boxes that are corrupted."""

from __future__ import annotations

import pytest
import torch
from mmdet.structures.bbox import HorizontalBoxes
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


def test_the_intensity_is_the_probability_of_the_same_rectangle():
    labels = torch.zeros(32, 48)
    labels[:, 24:] = 7
    relabel = build('RelabelRegions', rectangles=1)
    counts = []
    for intensity in (0.3, 0.7):
        found = [changed(relabel, sample(labels), intensity, s) for s in range(60)]
        rows = [row for row, each in enumerate(found) if (each != labels).any()]
        for row in rows:
            whole = changed(relabel, sample(labels), 1.0, row)
            assert torch.equal(found[row], whole)
        counts.append(len(rows))
    # Half of the rectangles have the class already.
    assert 3 < counts[0] < 15 < counts[1] < 30


def test_one_class_beside_unknown_pixels_stays():
    labels = torch.full((32, 48), 5)
    labels[:, :20] = 255
    target = sample(labels)
    assert build('RelabelRegions').change(target, 1.0, seeded()) is target


def test_pictures_without_boxes_stay():
    target = boxes(0)
    assert build('JitterBoxes').change(target, 1.0, seeded()) is target


def test_boxes_of_mmdetection_stay_its_boxes():
    target, own = boxes(3), boxes(3)
    plain = target.gt_instances.bboxes.clone()
    own.gt_instances.bboxes = HorizontalBoxes(plain)
    one, other = (
        build('JitterBoxes').change(each, 1.0, seeded(4)).gt_instances
        for each in (target, own)
    )
    assert isinstance(other.bboxes, HorizontalBoxes)
    assert torch.equal(other.bboxes.tensor, one.bboxes)
    assert torch.equal(own.gt_instances.bboxes.tensor, plain)


def test_less_intensity_moves_edges_less_the_same_way():
    target = boxes(1)
    before = target.gt_instances.bboxes
    jitter = build('JitterBoxes', shift=0.2, drop=0.0)
    half, whole = (
        jitter.change(target, intensity, seeded(1)).gt_instances.bboxes - before
        for intensity in (0.5, 1.0)
    )
    torch.testing.assert_close(2 * half, whole)
    assert (half.abs() > 0).all()


def test_boxes_end_where_the_picture_ends():
    target = boxes(40)
    target.gt_instances.bboxes[:] = torch.tensor([1.0, 1.0, 47.0, 31.0])
    jitter = build('JitterBoxes', shift=0.4, drop=0.0)
    found = jitter.change(target, 1.0, seeded()).gt_instances.bboxes
    assert found.amin(dim=0).tolist()[:2] == [0, 0]
    assert found.amax(dim=0).tolist()[2:] == [48, 32]


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
