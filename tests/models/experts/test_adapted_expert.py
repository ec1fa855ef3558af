import pytest
import torch
from mmengine.registry import MODELS

from diffmm.models.experts import ConvAdapter
from tests import tiny

RESNET = dict(type='TimmExpert', model='resnet18', out_indices=(2, 3, 4))


def test_expert_channels_stand_behind_those_of_the_same_stride():
    backbone = tiny.build_backbone(
        layers='mid+up', expert=dict(type='AdaptedExpert', source=RESNET)
    )
    numbers = [(info.channels, info.stride) for info in backbone.feature_info]
    assert numbers == [(160, 8), (288, 16), (544, 32), (32, 64)]
    alone = tiny.build_backbone(layers='mid+up')(tiny.image(72, 100))
    both = backbone(tiny.image(72, 100))
    assert [each.shape[1] for each in both] == [each for each, _ in numbers]
    for one, other in zip(alone, both, strict=True):
        assert torch.equal(one, other[:, : one.shape[1]])
    sum(each.square().sum() for each in both).backward()
    assert all(p.grad is not None for p in backbone.expert.adapters.parameters())


def test_batch_norm_of_the_expert_stays_still():
    """The released code leaves it in training mode."""
    expert = MODELS.build(
        dict(type='AdaptedExpert', source=RESNET, strides=(8, 16, 32))
    )
    expert.train()
    before = expert.source.model.bn1.running_mean.clone()
    maps = [torch.zeros(2, 1, 64 // s, 64 // s) for s in (8, 16, 32)]
    batch = torch.cat([tiny.image(64, 64), tiny.image(64, 64) / 2])
    joined = expert(maps, batch)
    alone = expert([each[:1] for each in maps], batch[:1])
    tiny.assert_same_features([each[:1] for each in joined], alone)
    assert torch.equal(expert.source.model.bn1.running_mean, before)
    assert not any(p.requires_grad for p in expert.source.parameters())


def test_a_stride_that_fits_no_level_is_refused():
    with pytest.raises(ValueError, match=r'strides \(4, 32\).*but 4 has not'):
        MODELS.build(
            dict(
                type='AdaptedExpert',
                source=RESNET | dict(out_indices=(1, 4)),
                strides=(8, 16, 32, 64),
            )
        )


def test_a_transformer_counts_as_any_strides():
    source = dict(
        type='TimmExpert',
        model='test_vit',
        out_indices=(1, 3, 5),
        strides=(8, 16, 64),
        input_size=96,
    )
    expert = MODELS.build(
        dict(type='AdaptedExpert', source=source, strides=(8, 16, 32, 64))
    )
    assert expert.channels == [64, 64, 0, 64]
    maps = [
        torch.zeros(1, 2, *(-(-s // r) for s in (72, 100))) for r in (8, 16, 32, 64)
    ]
    joined = expert(maps, tiny.image(72, 100))
    assert [each.shape[1] for each in joined] == [66, 66, 2, 66]


def test_residual():
    adapter = ConvAdapter(8, residual=True)
    feature = torch.randn(1, 8, 2, 2)
    plain = ConvAdapter(8)
    plain.load_state_dict(adapter.state_dict())
    torch.testing.assert_close(adapter(feature), feature + plain(feature))
