import pytest
import torch
from mmengine.registry import MODELS
from mmengine.runner import load_checkpoint

from diffmm.structures import ConditionedImages
from tests import tiny


def build(folder=None, prompt='TextPrompt', initialize=True, **head):
    """A tiny one; with a folder, its weights are pre-trained."""
    pretrained = None if folder is None else str(folder)
    model = MODELS.build(
        dict(
            type='OpenVocabularySegmentor',
            backbone=tiny.backbone_config(
                prompt=dict(type=prompt), layers='mid+up', pretrained=pretrained
            ),
            neck=dict(type='UHead', flow='up', widths=[64] * 4),
            decode_head=dict(
                type='TextFPNHead',
                arch=tiny.ARCHITECTURE,
                pretrained=pretrained,
                in_channels=[64] * 4,
                in_index=[0, 1, 2, 3],
                feature_strides=[4, 8, 16, 32],
                channels=8,
                template='name',
                **dict(num_classes=2, classes=['cat', 'dog']) | head,
            ),
            test_cfg=dict(mode='whole'),
        )
    )
    if pretrained and initialize:
        with tiny.quiet():
            model.init_weights()
    return model.eval()


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tiny.write_folder(tmp_path_factory.mktemp('weights'))


@pytest.fixture
def images():
    return ConditionedImages(tiny.image(), ['a cat'])


def test_the_neck_has_the_channels_of_the_backbone(images):
    model = build()
    widths = [info.channels for info in model.backbone.feature_info]
    inner = [block.fuse[0].in_channels for block in model.neck.blocks]
    assert inner == [width + 64 * (i < 3) for i, width in enumerate(widths)]
    assert model(images).shape == (1, 2, 8, 8)


@pytest.mark.parametrize('prompt', ['TextPrompt', 'NullPrompt'])
def test_a_checkpoint_is_tested_with_other_classes(folder, images, tmp_path, prompt):
    """By the text encoder of its prompt, or by that of the pre-trained weights."""
    trained = build(folder, prompt)
    path = tmp_path / 'trained.pth'
    torch.save(dict(state_dict=trained.state_dict()), path)
    classes = dict(classes=['owl', 'dog', 'cat'], num_classes=3)
    # Never initialized: as in a test, all comes from the checkpoint.
    model = build(folder, prompt, initialize=False, **classes)
    load_checkpoint(model, str(path), map_location='cpu')
    with torch.no_grad():
        found, expected = model(images), trained(images)
    torch.testing.assert_close(found[:, [2, 1]], expected)


def test_set_classes(folder, images):
    model = build(folder)
    with torch.no_grad():
        before = model(images)
        model.set_classes(['dog', 'sky', 'cat'])
        after = model(images)
    assert (model.num_classes, model.out_channels) == (3, 3)
    torch.testing.assert_close(after[:, [2, 0]], before)
