from __future__ import annotations

import pytest
import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement, PixelData

MASKS = ['ShiftMask', 'EraseMask', 'ChangeMaskColor']


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def build(name, **options):
    return TASK_UTILS.build(dict(type=name, **options))


def sample(labels, **fields):
    data = PixelData(data=torch.as_tensor(labels, dtype=torch.uint8)[None])
    return BaseDataElement(
        gt_sem_seg=data,
        metainfo=dict(img_path='a.png', img_shape=(32, 48)),
        **fields,
    )


def thing():
    labels = torch.zeros(32, 48, dtype=torch.uint8)
    labels[8:20, 10:30] = 1
    return labels


def changed(transform, target, intensity, seed=0):
    """The class map after a change."""
    return transform.change(target, intensity, seeded(seed)).gt_sem_seg.data[0]


@pytest.mark.parametrize('name', ['ShiftMask', 'EraseMask'])
def test_changes_begin_at_nothing_and_repeat(name):
    transform, target = build(name), sample(thing())
    before = target.gt_sem_seg.data.clone()
    for seed in range(5):
        assert transform.change(target, 0.0, seeded(seed)) is target
        one, other = (changed(transform, target, 1.0, seed) for _ in range(2))
        assert torch.equal(one, other) and set(one.unique().tolist()) <= {0, 1}
    assert any((changed(transform, target, 1.0, s) != thing()).any() for s in range(5))
    # The supervision is another object.
    assert torch.equal(target.gt_sem_seg.data, before)


def test_a_shift_moves_the_mask_as_a_whole():
    labels = changed(build('ShiftMask'), sample(thing()), 1.0, seed=2)
    rows, columns = (labels.any(dim=d).nonzero().flatten() for d in (1, 0))
    assert len(rows) == 12 and len(columns) == 20
    down, right = int(rows[0]) - 8, int(columns[0]) - 10
    assert 0 < abs(down) <= 5 and 0 < abs(right) <= 8
    assert labels.sum() == thing().sum()
    less = changed(build('ShiftMask'), sample(thing()), 0.5, seed=2)
    assert 0 < (less != thing()).sum() < (labels != thing()).sum()


def test_erasing_and_adding():
    erase, add = build('EraseMask', patches=0), build('EraseMask', rectangles=0)
    one, other = (changed(t, sample(thing()), 1.0, 3) for t in (erase, add))
    assert (one <= thing()).all() and 0 < one.sum() < thing().sum()
    assert (other >= thing()).all() and other.sum() > thing().sum()


@pytest.mark.parametrize('name', ['ShiftMask', 'EraseMask'])
def test_no_mask_vanishes_and_an_empty_one_stays(name):
    transform = build(name, **dict(ShiftMask=dict(shift=50.0)).get(name, {}))
    small = torch.zeros(32, 48, dtype=torch.uint8)
    small[0, 0] = 1
    for seed in range(10):
        assert changed(transform, sample(small), 2.0, seed).any()
    nothing = sample(torch.zeros(32, 48))
    assert transform.change(nothing, 1.0, seeded()) is nothing


@pytest.mark.parametrize('name', ['ShiftMask', 'EraseMask'])
def test_pixels_that_do_not_count_still_do_not(name):
    labels = thing()
    labels[:, :15] = 255
    for seed in range(5):
        found = changed(build(name), sample(labels), 1.0, seed)
        assert torch.equal(found == 255, labels == 255)


def test_a_color_changes_the_object_alone():
    change, target = build('ChangeMaskColor'), sample(thing())
    picture = torch.where(thing().bool(), 1.0, -1.0).expand(3, -1, -1)
    assert torch.equal(change.paint(picture, target, 0.0, seeded()), picture)
    half, whole = (change.paint(picture, target, k, seeded()) for k in (0.5, 1.0))
    inside = thing().bool()
    for painted in (half, whole):
        assert torch.equal(painted[:, ~inside], picture[:, ~inside])
        assert (painted[:, inside] < 1).all() and (painted[:, inside] > -1).all()
        # The paint is even.
        assert (painted[:, inside] == painted[:, inside][:, :1]).all()
    torch.testing.assert_close((1 - half) * 2, 1 - whole + (1 - picture))


@pytest.mark.parametrize('name', MASKS)
def test_a_target_that_a_transform_does_not_know(name):
    depth = PixelData(data=torch.ones(1, 8, 8))
    target = BaseDataElement(gt_depth_map=depth, metainfo=dict(img_path='b.png'))
    transform = build(name)
    with pytest.raises(ValueError, match=r"b.png has no .* \['gt_depth_map'\]: take"):
        transform.change(target, 1.0, seeded())
        transform.paint(torch.zeros(3, 8, 8), target, 1.0, seeded())


@pytest.mark.parametrize('name', MASKS)
def test_class_masks_are_no_masks_of_one_object(name):
    labels = thing() * 5
    transform = build(name)
    with pytest.raises(ValueError, match=r'classes \[5\], too: take RelabelRegions'):
        transform.change(sample(labels), 1.0, seeded())
        transform.paint(torch.zeros(3, 32, 48), sample(labels), 1.0, seeded())


@pytest.mark.parametrize(
    ('name', 'options', 'message'),
    [
        ('ShiftMask', dict(shift=0), 'got 0'),
        ('ShiftMask', dict(shift=float('inf')), 'got inf'),
        ('EraseMask', dict(rectangles=0, patches=0), 'got 0 and 0'),
        ('EraseMask', dict(rectangles=1.5), 'whole numbers.* got 1.5 and 1'),
        ('EraseMask', dict(sides=0.3), 'two that rise.* got 0.3'),
        ('EraseMask', dict(sides=(0.5, 0.2)), r'got \(0.5, 0.2\)'),
        ('ChangeMaskColor', dict(share=1.5), 'got 1.5'),
    ],
)
def test_options_that_are_refused(name, options, message):
    with pytest.raises(ValueError, match=message):
        build(name, **options)
