import pytest
import torch
from mmengine.registry import MODELS
from mmseg.structures import SegDataSample

from .test_batched_windows import build


def data(sizes=((64, 80), (64, 80), (96, 96), (96, 96)), pictures=1):
    """Views of pictures with a text, every second one mirrored."""
    generator = torch.Generator().manual_seed(0)
    inputs, samples = [], []
    for number, size in enumerate(sizes):
        meta = dict(
            img_shape=size,
            ori_shape=(64, 80),
            img_path='a.png',
            flip=number % 2 == 1,
            flip_direction='horizontal',
        )
        inputs.append(
            [
                torch.randint(256, (3, *size), generator=generator, dtype=torch.uint8)
                for _ in range(pictures)
            ]
        )
        samples.append(
            [
                SegDataSample(metainfo=meta | dict(caption=f'a cat {i}'))
                for i in range(pictures)
            ]
        )
    return dict(inputs=inputs, data_samples=samples)


@pytest.fixture(scope='module')
def model():
    model = build('SlidingEncoderDecoder', mode='whole')
    preprocessor = dict(
        type='TextSegDataPreProcessor',
        text_key='caption',
        mean=[127.5] * 3,
        std=[127.5] * 3,
    )
    model.data_preprocessor = MODELS.build(preprocessor)
    return model


@pytest.mark.parametrize(
    ('pictures', 'per_batch', 'expected'),
    [(1, 2, [2, 2]), (2, 4, [4, 4]), (2, 2, [2] * 4), (1, 1, [1] * 4)],
)
@torch.no_grad()
def test_views_of_equal_size_share_a_batch(model, pictures, per_batch, expected):
    host = MODELS.build(dict(type='mmseg.SegTTAModel', module=model))
    ours = MODELS.build(
        dict(type='BatchedSegTTAModel', module=model, views_per_batch=per_batch)
    )
    told = host.test_step(data(pictures=pictures))
    widths = []
    hook = model.backbone.register_forward_hook(
        lambda _, args, out: widths.append(len(args[0]))
    )
    found = ours.test_step(data(pictures=pictures))
    hook.remove()
    assert widths == expected
    assert len(found) == len(told) == pictures
    for sample, other in zip(found, told, strict=True):
        same = sample.pred_sem_seg.data == other.pred_sem_seg.data
        assert same.float().mean() > 0.999
        assert sample.caption == other.caption


@torch.no_grad()
def test_views_are_divided_where_the_memory_ends(model, monkeypatch):
    ours = MODELS.build(dict(type='BatchedSegTTAModel', module=model))
    predict, lengths = model.encode_decode, []

    def fill_the_memory(images, metas):
        lengths.append(len(images))
        if len(images) > 1:
            raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate')
        return predict(images, metas)

    monkeypatch.setattr(model, 'encode_decode', fill_the_memory)
    ours.test_step(data())
    assert lengths == [2, 1, 1, 1, 1]
    assert ours.views_per_batch == 1
