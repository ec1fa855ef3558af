import pytest
import timm
import torch
from mmengine.registry import MODELS
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from torchvision.transforms import Normalize

from diffmm.diffusion import WeightsError
from tests import tiny

RESNET = dict(type='TimmExpert', model='resnet18', out_indices=(2, 3, 4))


def test_what_timm_does_not_build_is_refused():
    with pytest.raises(ValueError, match=r'builds no resnet18 with .*\(2, 7\)'):
        MODELS.build(RESNET | dict(out_indices=(2, 7)))
    with pytest.raises(ValueError, match='2 maps.*but 1 strides'):
        MODELS.build(RESNET | dict(out_indices=(1, 4), strides=(8,)))
    with pytest.raises(ValueError, match="has no model 'resnet19'"):
        MODELS.build(RESNET | dict(model='resnet19'))
    message = r"no weights 'resnet18.in1k', only: \['resnet18.a1_in1k'"
    for config in (RESNET, dict(type='TimmBackbone')):
        with pytest.raises(ValueError, match=message):
            MODELS.build(config | dict(model='resnet18.in1k'))


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


def test_the_vector_is_that_of_timm_without_its_classifier():
    backbone = MODELS.build(dict(type='TimmBackbone', model='resnet18'))
    model = timm.create_model('resnet18').eval()
    model.load_state_dict(backbone.model.state_dict(), strict=False)
    model.reset_classifier(0)
    normalize = Normalize(IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD)
    pixels = torch.rand(2, 3, 64, 96)
    expected = model(normalize(pixels))
    (found,) = backbone.train()(pixels * 2 - 1)
    assert found.shape == (2, 512) and not found.requires_grad
    torch.testing.assert_close(found, expected)


def test_a_trained_checkpoint_is_weights():
    options = dict(type='TimmBackbone', model='resnet18', pretrained='no such file')
    with pytest.raises(WeightsError, match='no such file'), tiny.quiet():
        MODELS.build(options).init_weights()
    trained = MODELS.build(options | dict(pretrained=False))
    fresh = MODELS.build(options)
    fresh.load_state_dict(trained.state_dict())
    images = tiny.image(64, 64)
    assert torch.equal(fresh(images)[0], trained(images)[0])


@pytest.mark.parametrize(
    'model', ['vit_tiny_patch16_224', 'swin_tiny_patch4_window7_224']
)
def test_a_vector_of_a_size_that_is_not_the_models_own(model):
    backbone = MODELS.build(dict(type='TimmBackbone', model=model, input_size=64))
    (vector,) = backbone(tiny.image(72, 100))
    assert vector.shape == (1, backbone.model.num_features) and vector.isfinite().all()
