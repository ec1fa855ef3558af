"""A perceptor of several tasks."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement

from tests import tiny
from tests.models.perceptors.queries_case import (
    BOXES,
    CLASSES,
    COLORS,
    DEPTH,
    MASKS,
    samples,
)


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='GeneralistPerceptor',
            arch=deepcopy(tiny.ARCHITECTURE),
            tasks=[DEPTH, MASKS, BOXES, COLORS],
            queries_per_batch=2,
            prompt=dict(type='TextPrompt', num_tokens=12),
            sampler=dict(steps=1, timestep_spacing='trailing'),
            dropout={},
        )
    )


def asked(batch, **meta):
    for index, sample in enumerate(batch):
        sample.set_metainfo(dict(sample_idx=index, ori_shape=(48, 80), **meta))
    return batch


def test_a_batch_of_all_tasks_trains(model):
    batch = asked(samples(), instruction='find it')
    loss = model.train()(tiny.image(64, 64, 4), batch, mode='loss')['loss_denoising']
    loss.backward()
    missing = [n for n, p in model.unet.named_parameters() if p.grad is None]
    assert not missing and torch.isfinite(loss)


def test_the_instruction_reaches_the_network(model):
    model.eval()
    seen = []
    handle = model.prompt.register_forward_hook(
        lambda _, args, out: seen.append(tuple(args[1]))
    )
    texts = iter(('find it', 'segment the car', 'find it', 'show red'))
    batch = asked(samples())
    for sample in batch:
        sample.set_metainfo(dict(instruction=next(texts)))
    dropout, model.dropout = model.dropout, None
    try:
        model(tiny.image(64, 64, 4), batch, mode='loss')
        assert seen == [('find it', 'segment the car', 'find it', 'show red')]
        batch[2] = BaseDataElement(metainfo=dict(task='depth', img_path='a.jpg'))
        with pytest.raises(ValueError, match="a.jpg needs a text under 'instruction'"):
            model(tiny.image(64, 64, 4), batch, mode='loss')
    finally:
        handle.remove()
        model.dropout = dropout


def test_classes_are_asked_one_by_one_and_joined(model):
    model.eval()
    batches = []
    handle = model.prompt.register_forward_hook(
        lambda _, args, out: batches.append(tuple(args[1]))
    )
    batch = asked(samples())
    found = model(tiny.image(64, 64, 4), batch, mode='predict')
    handle.remove()
    sentences = [text for texts in batches for text in texts]
    assert sentences == [
        'estimate the depth of the image',
        *('segment the sky', 'segment the car'),
        *('detect the sky', 'detect the car'),
        *(f'show red if you see the {name}, otherwise blue' for name in CLASSES[1:]),
    ]
    assert max(map(len, batches)) == 2
    depth, masks, boxes, color = found
    assert depth.pred_depth_map.shape == masks.pred_sem_seg.shape == (48, 80)
    assert set(masks.pred_sem_seg.data.unique().tolist()) <= {0, 1, 2}
    assert boxes.pred_instances.bboxes.shape[1] == 4
    assert color.pred_label in (0, 1)


def test_batches_of_questions_change_nothing(model):
    model.eval()
    results = []
    for size in (1, 2):
        model.queries_per_batch = size
        (sample,) = model(tiny.image(), asked(samples()[1:2]), mode='predict')
        results.append(sample.pred_sem_seg.data)
    # But for rounding, where two classes are alike.
    assert (results[0] == results[1]).float().mean() > 0.99


def test_an_instruction_of_ones_own(model):
    model.eval()
    sample = BaseDataElement(
        metainfo=dict(task='detection', instruction='where is the cat', img_path='a')
    )
    (found,) = model(tiny.image(), [sample], mode='predict')
    assert set(found.pred_instances.labels.tolist()) <= {0}


def test_what_is_refused(model):
    with pytest.raises(ValueError, match='know the task of every picture'):
        model(tiny.image(), mode='predict')
    with pytest.raises(ValueError, match='at least 1, got 0'):
        MODELS.build(
            dict(type='GeneralistPerceptor', tasks=[DEPTH], queries_per_batch=0)
        )
