"""Codecs of a generalist's targets, and what is made of its answers."""

from __future__ import annotations

import pytest
import torch
from mmdet.structures.bbox import bbox_overlaps
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement, InstanceData, PixelData

import diffmm  # noqa: F401  registers the codecs
from diffmm.models.perceptors.frames import restore_frame
from diffmm.models.perceptors.queries import Answer, Question
from diffmm.models.perceptors.task_queries import UNCLAIMED

CLASSES = ('background', 'sky', 'car')
GRAY = torch.zeros(1, 3, 64, 64)
DEPTH = dict(type='DepthQueries', codec=dict(type='MetricDepthCodec'))
MASKS = dict(
    type='SegmentationQueries', classes=CLASSES, codec=dict(type='WhiteMaskCodec')
)
BOXES = dict(
    type='DetectionQueries',
    classes=CLASSES[1:],
    codec=dict(type='BoxOutlineCodec', width=2, run=8),
)
COLORS = dict(
    type='ClassificationQueries',
    classes=CLASSES[1:],
    codec=dict(type='AnswerColorCodec'),
)


def build(config, **more):
    return TASK_UTILS.build(dict(config, **more))


def answer(label, prediction):
    return Answer(label, prediction, prediction)


def samples(size=64):
    """A target of each task."""
    mask = torch.zeros(1, size, size, dtype=torch.long)
    mask[:, 8:24] = 1
    instances = InstanceData(bboxes=torch.tensor([[8.0, 8.0, 40.0, 30.0]]))
    depth = PixelData(data=torch.full((1, size, size), 5.0))
    return [
        BaseDataElement(gt_depth_map=depth, metainfo=dict(task='depth')),
        BaseDataElement(
            gt_sem_seg=PixelData(data=mask), metainfo=dict(task='segmentation')
        ),
        BaseDataElement(gt_instances=instances, metainfo=dict(task='detection')),
        BaseDataElement(metainfo=dict(task='classification', answer='green')),
    ]


def test_each_target_of_a_batch_is_drawn_and_read_by_its_task():
    codec = TASK_UTILS.build(
        dict(type='QueryCodec', tasks=[DEPTH, MASKS, BOXES, COLORS])
    )
    batch = samples()
    target = codec.encode(batch, torch.zeros(4, 3, 64, 64))
    assert target.pictures.shape == (4, 3, 64, 64)
    assert target.valid.dtype == torch.bool and target.valid.all()
    for sample, picture in zip(batch, target.pictures, strict=True):
        own = codec.queries_of(sample).codec
        own.write(sample, own.decode(picture[None], GRAY)[0], None)
    depth, mask, boxes, color = batch
    torch.testing.assert_close(depth.pred_depth_map.data, depth.gt_depth_map.data)
    assert torch.equal(mask.pred_sem_seg.data, mask.gt_sem_seg.data)
    expected = boxes.gt_instances.bboxes
    torch.testing.assert_close(boxes.pred_instances.bboxes, expected, rtol=0, atol=1)
    assert color.pred_answer == 'green'


def test_what_a_codec_lacks_is_named():
    bare = BaseDataElement(metainfo=dict(img_path='a.jpg', task='depth'))
    for config, message in (
        (DEPTH, 'a.jpg has no gt_depth_map.*LoadMetricDepth'),
        (MASKS, 'a.jpg has no gt_sem_seg'),
        (BOXES, 'a.jpg has no gt_instances.*mmdet.LoadAnnotations'),
        (COLORS, "a.jpg has no 'answer'.*DrawQuery"),
    ):
        with pytest.raises(ValueError, match=message):
            build(config).codec.encode([bare], GRAY)
    for config, sample in ((BOXES, samples()[2]), (COLORS, samples()[3])):
        with pytest.raises(ValueError, match='got none'):
            build(config).codec.encode([sample])


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(type='BoxOutlineCodec', color='pink'), "got 'pink'"),
        (dict(type='BoxOutlineCodec', reader='guess'), "got 'guess'"),
        (dict(type='BoxOutlineCodec', width=0), 'got 0 and 20'),
        (dict(type='MetricDepthCodec', max_depth=0), 'positive, got 0'),
        (dict(type='QueryCodec', tasks=[]), 'needs tasks'),
        (dict(type='QueryCodec', tasks=[DEPTH, DEPTH]), 'each once'),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        TASK_UTILS.build(options)


def test_an_unknown_task_is_named():
    codec = TASK_UTILS.build(dict(type='QueryCodec', tasks=[DEPTH]))
    for meta in (dict(task='pose'), {}):
        sample = BaseDataElement(metainfo=dict(meta, img_path='a.jpg'))
        with pytest.raises(ValueError, match=r"a.jpg has the task .*\('depth',\)"):
            codec.encode([sample])


def test_questions():
    masks = build(MASKS)
    sample = BaseDataElement()
    assert masks.ask(sample) == [
        Question(1, 'segment the sky'),
        Question(2, 'segment the car'),
    ]
    sample.set_metainfo(dict(query_labels=(0, 2)))
    assert [each.label for each in masks.ask(sample)] == [2]
    own = build(MASKS, sentence='paint {name}')
    assert own.ask(sample)[0].text == 'paint car'
    sample.set_metainfo(dict(query_labels=(3,)))
    with pytest.raises(ValueError, match=r'\(3,\).*no labels of the 3 classes'):
        masks.ask(sample)


def test_masks_become_a_label_map():
    sky, car = torch.tensor([[[0.9, 0.6, 0.4]]]), torch.tensor([[[0.2, 0.7, 0.3]]])
    sample = BaseDataElement(metainfo=dict(ori_shape=(1, 3)))
    masks = build(MASKS, keep_answers=True)
    masks.write(sample, [answer(1, sky), answer(2, car)])
    assert sample.pred_sem_seg.data.tolist() == [[[1, 2, 0]]]  # 0 is the background
    assert sample.query_labels == (1, 2) and sample.query_maps.shape == (2, 1, 3)
    none = build(MASKS, classes=CLASSES[1:])
    none.write(sample, [answer(0, sky), answer(1, car)])
    assert sample.pred_sem_seg.data.tolist() == [[[0, 1, UNCLAIMED]]]
    none.write(sample, [])
    assert sample.pred_sem_seg.data.tolist() == [[[UNCLAIMED] * 3]]


def test_boxes_of_all_classes_are_joined():
    boxes = build(BOXES)
    (picture,) = boxes.codec.encode(samples()[2:3], GRAY).pictures
    sample = BaseDataElement()
    maps = boxes.codec.decode(torch.stack([GRAY[0], picture]), GRAY)
    boxes.write(sample, [answer(*each) for each in enumerate(maps)])
    found = sample.pred_instances
    assert found.labels.tolist() == [1] and found.scores.shape == (1,)
    boxes.write(sample, [])
    assert sample.pred_instances.bboxes.shape == (0, 4)


@pytest.mark.parametrize('height', [60, 480])
def test_boxes_of_a_picture_that_was_squashed_to_a_square(height):
    """Its upright lines are wide, its level ones are not, or the other way round."""
    queries = build(BOXES, codec=dict(type='BoxOutlineCodec', width=4, run=12))
    shape = torch.tensor([240, height] * 2)
    # They cross, so only the insides of the lines tell them apart.
    boxes = torch.tensor([[0.1, 0.1, 0.6, 0.6], [0.35, 0.3, 0.9, 0.9]])
    image = torch.zeros(1, 3, 120, 120)
    drawn = BaseDataElement(gt_instances=InstanceData(bboxes=boxes * 120))
    (squashed,) = queries.codec.decode(queries.codec.encode([drawn], image)[0], image)
    sample = BaseDataElement()
    sizes = dict(ori_shape=(height, 240))
    queries.write(sample, [Answer(0, restore_frame(squashed, sizes), squashed)])
    found = sample.pred_instances.bboxes
    overlaps = bbox_overlaps(boxes * shape, found)
    assert overlaps.shape == (2, 2) and overlaps.max(dim=1).values.min() > 0.95


def test_the_nearest_color_is_the_class():
    colors = build(COLORS)
    red, gray = torch.tensor([0.8, -0.9, -0.9]), torch.zeros(3)
    pictures = (each.view(3, 1, 1).expand(3, 8, 8) for each in (gray, red))
    sample = BaseDataElement()
    colors.write(sample, [answer(*each) for each in enumerate(pictures)])
    assert sample.pred_label == 1


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
