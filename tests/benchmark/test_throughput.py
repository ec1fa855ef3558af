import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.registry import DefaultScope

from diffmm.apis import get_config
from diffmm.benchmark.throughput import Throughput, format_throughput
from tests import tiny

CPU = torch.device('cpu')


@pytest.fixture(autouse=True)
def scope():
    with DefaultScope.overwrite_default_scope('mmseg'):
        yield


def test_a_segmentor_trains_and_predicts():
    head = dict(type='FCNHead', in_channels=16, in_index=0, channels=8, num_convs=1)
    settings = dict(
        type='SlidingEncoderDecoder',
        data_preprocessor=dict(type='SegDataPreProcessor'),
        backbone=tiny.backbone_config(prompt=dict(type='TextPrompt', num_tokens=8)),
        decode_head=head | dict(num_classes=3),
        test_cfg=dict(mode='whole'),
    )
    model = Throughput(ConfigDict(settings), 64, 4, CPU, 'bf16')
    rows = model.measure(['checkpointing', 'plain'], 1, peak_tflops=1.0)
    found = {(row['pass'], row['variant']): row for row in rows}
    assert list(found) == [
        ('training', 'plain'),
        ('inference', 'plain'),
        ('training', 'checkpointing'),
    ]
    plain, saved = found['training', 'plain'], found['training', 'checkpointing']
    assert plain['flops'] == saved['flops'] > found['inference', 'plain']['flops']
    for row in rows:
        assert row['images_per_second'] == 4 / row['seconds'][0]
        assert 0 < row['mfu'] < 1
    table = format_throughput([dict(row, model='VPD') for row in rows])
    assert len(table.splitlines()) == 2 + 3 and table.startswith('| model ')


@pytest.mark.slow
def test_a_perceptor_trains_and_predicts():
    config = get_config('marigold-v1-1_mini_depth_1xb16-300_mini-hypersim-vkitti2')
    config.model.sampler.steps = 1
    rows = Throughput(config.model, 64, 1, CPU, 'fp32').measure(['plain'], 1, None)
    assert [row['pass'] for row in rows] == ['training', 'inference']
    assert all(row['mfu'] is None and row['flops'] > 0 for row in rows)


def test_sizes_that_are_none():
    with pytest.raises(ValueError, match='must be positive: 0, 1'):
        Throughput({}, 0, 1, CPU, 'fp32')
