"""Masks of samples, and rectangles in them."""

import pytest
import torch
from mmengine.structures import BaseDataElement, PixelData

from diffmm.models.perceptors.mask_regions import (
    Box,
    check_sides,
    draw_rectangle,
    find_box,
    read_mask,
    with_labels,
)


def sample(labels):
    found = BaseDataElement(metainfo=dict(img_path='photo.jpg'))
    found.set_data(dict(gt_sem_seg=PixelData(data=torch.tensor(labels)[None])))
    return found


def test_ignored_pixels_are_no_object():
    mask = read_mask(sample([[0, 1], [255, 1]]), 'JitterColor')
    assert mask.tolist() == [[False, True], [False, True]]


def test_class_masks_and_samples_without_any_are_refused():
    with pytest.raises(ValueError, match=r'photo.jpg has the classes \[7\], too'):
        read_mask(sample([[0, 7]]), 'JitterColor')
    with pytest.raises(ValueError, match='JitterColor corrupts masks, but a sample'):
        read_mask(BaseDataElement(), 'JitterColor')


def test_a_copy_leaves_the_sample_as_it_is():
    original = sample([[0, 1]])
    copy = with_labels(original, torch.tensor([[1, 1]]))
    assert copy.gt_sem_seg.data.tolist() == [[[1, 1]]]
    assert original.gt_sem_seg.data.tolist() == [[[0, 1]]]
    assert copy.img_path == 'photo.jpg'


def test_a_box_holds_the_mask_and_nothing_around_it():
    mask = torch.zeros(6, 8, dtype=torch.bool)
    mask[2, 5] = mask[4, 3] = True
    box = find_box(mask)
    assert box == Box(top=2, left=3, height=3, width=3)
    assert (
        mask[box.region].any(0)[[0, -1]].all()
        and mask[box.region].any(1)[[0, -1]].all()
    )
    assert find_box(mask & False) is None


def test_rectangles_stay_in_the_box_and_have_the_sides_asked_for():
    within, generator = Box(3, 5, 10, 20), torch.Generator().manual_seed(0)
    drawn = [draw_rectangle(within, (0.2, 0.5), generator) for _ in range(200)]
    for box in drawn:
        assert 3 <= box.top and box.top + box.height <= 13
        assert 5 <= box.left and box.left + box.width <= 25
        assert 2 <= box.height <= 5 and 4 <= box.width <= 10
    assert {box.top + box.height for box in drawn} >= {13}
    assert {box.left for box in drawn} >= {5}


@pytest.mark.parametrize('sides', [(0, 0.5), (0.6, 0.5), (0.5, 1.2)])
def test_sides_are_shares(sides):
    with pytest.raises(ValueError, match='two that rise within'):
        check_sides(sides)
