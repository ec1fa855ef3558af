import pytest
import timm
import torch
from mmengine.registry import MODELS

from diffmm.diffusion import WeightsError
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
    with pytest.raises(ValueError, match=r'builds no resnet18 with .*\(2, 7\)'):
        MODELS.build(RESNET | dict(out_indices=(2, 7)))
    with pytest.raises(ValueError, match='2 maps.*but 1 strides'):
        MODELS.build(RESNET | dict(out_indices=(1, 4), strides=(8,)))
    with pytest.raises(ValueError, match="has no model 'resnet19'"):
        MODELS.build(RESNET | dict(model='resnet19'))


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


def test_windows_and_sizes_of_other_models():
    """Channels are last in Swin; it takes one size alone, as other transformers do."""
    source = dict(type='TimmExpert', model='swin_tiny_patch4_window7_224')
    with pytest.raises(ValueError, match=r'one size alone: give it.*input_size=224'):
        MODELS.build(source | dict(out_indices=(1, 2)))
    with pytest.raises(ValueError, match='one size alone'):
        MODELS.build(dict(type='TimmBackbone', model='test_vit'))
    expert = MODELS.build(source | dict(out_indices=(1, 2), input_size=64))
    maps = expert(tiny.image(72, 100))
    assert expert.channels == (192, 384) and expert.strides == (8, 16)
    assert [tuple(each.shape) for each in maps] == [(1, 192, 8, 8), (1, 384, 4, 4)]


def test_weights_are_read_from_a_trained_classifier(tmp_path):
    torch.manual_seed(1)
    config = dict(type='TimmPictureClassifier', model='resnet18', num_classes=9)
    trained = MODELS.build(config)
    path = tmp_path / 'epoch_8.pth'
    torch.save(dict(state_dict=trained.state_dict(), meta={}), path)
    expert = MODELS.build(RESNET | dict(pretrained=str(path)))
    with pytest.raises(RuntimeError, match='weights of resnet18 were never read'):
        expert(tiny.image(64, 64))
    with tiny.quiet():
        expert.init_weights()
    weight = trained.network.layer3[0].conv1.weight
    assert torch.equal(expert.model.state_dict()['layer3.0.conv1.weight'], weight)
    torch.save(dict(state_dict={'conv1.weight': torch.zeros(1)}), path)
    with pytest.raises(WeightsError, match='holds no resnet18: 120 of 120'):
        with tiny.quiet():
            MODELS.build(RESNET | dict(pretrained=str(path))).init_weights()


def test_weights_of_a_relative_are_refused(tmp_path):
    """A deeper network has all tensors of the smaller one, and others."""
    path = tmp_path / 'resnet34.pth'
    torch.save(timm.create_model('resnet34').state_dict(), path)
    expert = MODELS.build(RESNET | dict(pretrained=str(path)))
    with pytest.raises(WeightsError, match='a relative of resnet18.*layer1.2'):
        with tiny.quiet():
            expert.init_weights()
    torch.save(timm.create_model('resnet18').state_dict(), path)
    with tiny.quiet():
        expert.init_weights()


def test_positions_of_a_file_are_resampled(tmp_path):
    """As when timm downloads them: DINOv2's are of 518 pixels, Vermouth's of 224."""
    path = tmp_path / 'vit.pth'
    torch.save(timm.create_model('test_vit').state_dict(), path)
    options = dict(out_indices=(1, 3), input_size=96)
    expert = MODELS.build(
        dict(type='TimmExpert', model='test_vit', pretrained=str(path), **options)
    )
    with tiny.quiet():
        expert.init_weights()
    overlay = dict(file=str(path), input_size=(3, 96, 96))
    expected = timm.create_model(
        'test_vit', pretrained=True, pretrained_cfg_overlay=overlay, img_size=96
    )
    found = expert.model.state_dict()
    for name, value in expected.state_dict().items():
        if f'model.{name}' in found:
            torch.testing.assert_close(found[f'model.{name}'], value)


def test_residual():
    adapter = ConvAdapter(8, residual=True)
    feature = torch.randn(1, 8, 2, 2)
    plain = ConvAdapter(8)
    plain.load_state_dict(adapter.state_dict())
    torch.testing.assert_close(adapter(feature), feature + plain(feature))
