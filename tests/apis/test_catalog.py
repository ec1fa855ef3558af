"""Tests of what DiffMM ships, by name."""

import re
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from diffmm.apis import (
    get_backbone,
    get_config,
    get_model,
    list_backbones,
    list_configs,
    list_systems,
    list_tasks,
)
from diffmm.apis.catalog import _shipped_configs
from diffmm.diffusion import WeightsError

MINI = 'vpd_mini_fpn_1xb8-600_mini-ade20k-128x128'
# The host of a config and the end of its model's name, by task.
HOST_OF_TASK = {
    'semantic segmentation': ('mmseg', ('EncoderDecoder', 'GeneralistPerceptor')),
    'open-vocabulary segmentation': ('mmseg', 'OpenVocabularySegmentor'),
    'referring segmentation': ('mmseg', ('ReferringSegmentor', 'InstructPerceptor')),
    'depth estimation': (
        'mmseg',
        (
            'DepthEstimator',
            'DiffusionPerceptor',
            'OneStepPerceptor',
            'GeneralistPerceptor',
        ),
    ),
    'object detection': ('mmdet', ('FasterRCNN', 'GeneralistPerceptor')),
    'several tasks': ('mmseg', 'GeneralistPerceptor'),
    'pose estimation': ('mmpose', 'TopdownPoseEstimator'),
}


def test_a_backbone_comes_with_its_weights_and_maps_of_its_classes():
    backbone = get_backbone('mini', classes=['sky', 'tree'])
    assert not backbone.training
    features = backbone(torch.zeros(1, 3, 64, 64))
    assert [len(feature[0]) for feature in features] == [
        info.channels for info in backbone.feature_info
    ]
    assert features.attention_maps and backbone.prompt.names == ('sky', 'tree')
    # The same weights every time, unlike those of pretrained=False.
    again = get_backbone('mini', classes=['sky', 'tree'])
    torch.testing.assert_close(again.state_dict(), backbone.state_dict())
    other = get_backbone('mini', pretrained=False)
    weight = 'unet.conv_in.weight'
    assert not torch.equal(other.state_dict()[weight], backbone.state_dict()[weight])


def test_options_reach_the_backbone(capsys):
    backbone = get_backbone(
        'mini', 'mmseg.ADE20KDataset', trainable='none', attention=None
    )
    assert len(backbone.prompt.names) == 150
    assert backbone.feature_info[0].channels == 32
    assert not any(p.requires_grad for p in backbone.unet.parameters())
    # MMEngine reports three lines per parameter.
    assert 'init_weights' not in capsys.readouterr().out


def test_an_unknown_backbone_lists_what_there_is():
    with pytest.raises(ValueError, match="backbone 'sd16'. Did you mean .*'sd15'"):
        get_backbone('sd16')
    with pytest.raises(ValueError, match=', '.join(list_backbones())):
        get_backbone('resnet50')


@pytest.mark.parametrize('name', [None, 15, ['mini']])
def test_what_is_no_name_of_a_backbone_is_quoted(name):
    with pytest.raises(ValueError, match=re.escape(f'there is no backbone {name!r}.')):
        get_backbone(name)


def test_what_is_no_config_is_quoted():
    with pytest.raises(TypeError, match='a name or a file, got None'):
        get_config(None)


def test_weights_that_are_not_known_or_not_there_are_named():
    with pytest.raises(ValueError, match="weights of 'sd21': give pretrained="):
        get_backbone('sd21')
    with pytest.raises(WeightsError, match="backbone 'mini': .*no/such"):
        get_backbone('mini', pretrained='no/such/folder')


def test_configs_are_listed_by_name_system_and_task():
    assert {'vpd', 'meta_prompts', 'detection'} <= set(list_systems())
    assert MINI in list_configs()
    minis = list_configs('*mini*', system='vpd', task='semantic segmentation')
    assert MINI in minis and all(name.startswith('vpd_mini') for name in minis)
    assert list_configs('no-such-*') == []


def test_every_shipped_config_is_listed_once(repo_root):
    files = {path.stem for path in repo_root.glob('configs/[!_]*/*.py')}
    assert set(list_configs()) == files
    assert all(config.path.is_file() for config in _shipped_configs().values())


@pytest.mark.parametrize('task', HOST_OF_TASK)
def test_the_task_of_a_name_is_that_of_its_model(task):
    host, model = HOST_OF_TASK[task]
    names = list_configs(task=task)
    for name in {names[0], names[-1]}:
        cfg = get_config(name)
        assert cfg.default_scope == host and cfg.model.type.endswith(model), name
    own = {'image captioning', 'image generation', 'image classification'}
    own.add('sketch retrieval')
    assert set(HOST_OF_TASK) | own == set(list_tasks())


def test_unknown_names_list_what_there_is(tmp_path):
    with pytest.raises(ValueError, match="system 'vdp'. Did you mean 'vpd'"):
        list_configs(system='vdp')
    with pytest.raises(ValueError, match="task 'depth'.*There are: depth estimation"):
        list_configs(task='depth')
    with pytest.raises(
        ValueError, match=f"config '{MINI[:-4]}'. Did you mean .*{MINI}"
    ):
        get_config(MINI[:-4])
    with pytest.raises(FileNotFoundError, match='no config at .*gone.py'):
        get_config(tmp_path / 'gone.py')


def test_a_config_is_read_from_a_file_too(repo_root):
    path = Path('configs') / 'vpd' / f'{MINI}.py'
    assert get_config(repo_root / path).model == get_config(MINI).model


def test_the_model_of_a_config(tmp_path):
    model = get_model(MINI)
    assert not model.training
    pretrained = get_backbone('mini', pretrained=True).unet.state_dict()
    torch.testing.assert_close(model.backbone.unet.state_dict(), pretrained)
    path = tmp_path / 'trained.pth'
    torch.save(dict(state_dict=model.state_dict()), path)
    again = get_model(MINI, path)
    torch.testing.assert_close(again.state_dict(), model.state_dict())
    with pytest.raises(ValueError, match='trained.pth does not fit'):
        get_model(Config(dict(default_scope='mmseg', model=again_with(MINI))), path)


def again_with(name):
    """The model of a config with one class less."""
    model = get_config(name).model
    model.decode_head.num_classes -= 1
    return model
