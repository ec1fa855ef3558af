"""Boxes as outlines on pictures, and found again."""

from __future__ import annotations

import pytest
import torch
from mmdet.structures.bbox import HorizontalBoxes
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement, InstanceData

from diffmm.models.perceptors.frames import restore_frame
from tests.models.perceptors.queries_case import BOXES, GRAY, build, samples


@pytest.mark.parametrize('reader', ['contours', 'corners', 'released'])
def test_the_released_readers_have_no_scores(reader):
    codec = build(dict(BOXES['codec'], reader=reader, sigma=6))
    (picture,) = codec.encode(samples()[2:3], GRAY).pictures
    (prediction,) = codec.decode(picture[None])
    boxes, scores = codec.read(prediction)
    assert codec.reference is None and len(boxes) and (scores == 1).all()


def test_things_of_the_color_are_no_outlines():
    codec = build(BOXES['codec'])
    image = GRAY.clone()
    blue = torch.tensor([-1.0, -1, 1]).view(3, 1, 1)
    image[:, :, 24:50, 34:60] = blue
    (picture,) = codec.encode(samples()[2:3], image).pictures
    (prediction,) = codec.decode(picture[None], image)
    boxes, scores = codec.read(prediction)
    expected = samples()[2].gt_instances.bboxes
    torch.testing.assert_close(boxes, expected, rtol=0, atol=1)
    # Where both are blue nothing can be seen.
    assert 0.5 < scores < 1


def drawn(boxes, kind=torch.tensor):
    return BaseDataElement(gt_instances=InstanceData(bboxes=kind(boxes)))


@pytest.mark.parametrize('color', ['blue', 'red'])
def test_boxes_at_the_edge_and_in_each_other_survive_noise(color):
    codec = build(BOXES['codec'], color=color)
    expected = torch.tensor([[0.0, 0, 63, 63], [12, 14, 50, 44]])
    images = torch.rand(1, 3, 64, 64) - 0.5
    target = codec.encode([drawn(expected.tolist(), HorizontalBoxes)], images)
    assert target.valid.all() and target.valid.shape == (1, 1, 64, 64)
    noisy = target.pictures + 0.05 * torch.randn(images.shape)
    boxes, scores = codec.read(codec.decode(noisy, images)[0])
    # Clean sides have the best scores.
    assert sorted(boxes.tolist()) == expected.tolist() and (scores > 0.9).all()


def test_a_picture_without_boxes_stays_as_it_is():
    codec = build(BOXES['codec'])
    images = torch.rand(2, 3, 64, 48) - 0.5
    batch = [drawn([]), drawn([[8.0, 8.0, 40.0, 30.0]])]
    target = codec.encode(batch, images)
    assert torch.equal(target.pictures[0], images[0])
    maps = codec.decode(target.pictures, images)
    for sample, found in zip(batch, maps, strict=True):
        codec.write(sample, found, None)
    shapes = [len(each.pred_instances) for each in batch]
    assert shapes == [0, 1] and batch[0].pred_instances.bboxes.shape == (0, 4)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision(dtype):
    codec = build(BOXES['codec'])
    images = torch.rand(1, 3, 64, 64).sub(0.5).to(dtype)
    expected = [[8.0, 8.0, 40.0, 30.0]]
    target = codec.encode([drawn(expected)], images)
    assert target.pictures.dtype == dtype
    boxes, scores = codec.read(codec.decode(target.pictures, images)[0])
    assert boxes.tolist() == expected and boxes.dtype == scores.dtype == torch.float32


@pytest.mark.parametrize('times', [1, 4, 6])
def test_lines_of_a_larger_picture_are_as_much_wider(times):
    """Otherwise both edges of a line are boxes, and boxes that cross shrink."""
    codec = build(BOXES['codec'], width=4, run=12)
    image = torch.zeros(1, 3, 120, 120)
    # They cross, so only the insides of the lines tell them apart.
    boxes = torch.tensor([[42.0, 36, 108, 108], [12, 12, 72, 72]])
    (found,) = codec.decode(codec.encode([drawn(boxes.tolist())], image)[0], image)
    sizes = dict(img_shape=(120, 120), ori_shape=(120 * times, 120 * times))
    sample = BaseDataElement(metainfo=sizes)
    codec.write(sample, restore_frame(found, sizes), None)
    # A pixel of the network's input is several of the picture.
    torch.testing.assert_close(
        sample.pred_instances.bboxes / times, boxes, rtol=0, atol=1
    )


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(color='pink'), "one of .*'blue', 'red'.*got 'pink'"),
        (dict(reader='guess'), "one of .*'supported'.*got 'guess'"),
        (dict(width=0), 'width .* at least 1 and run at least 4, got 0 and 20'),
        (dict(run=3), 'got 4 and 3'),
        (dict(threshold=1.0), 'threshold .* got 1.0'),
    ],
)
def test_options_that_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        TASK_UTILS.build(dict(type='BoxOutlineCodec', **options))


def test_what_is_missing_is_named():
    codec = build(BOXES['codec'])
    bare = BaseDataElement(metainfo=dict(img_path='a.jpg'))
    with pytest.raises(
        ValueError, match='a.jpg has no gt_instances.*mmdet.LoadAnnotations'
    ):
        codec.encode([bare], GRAY)
    with pytest.raises(ValueError, match='drawn on the images, got none'):
        codec.encode(samples()[2:3])
