from __future__ import annotations

from types import SimpleNamespace

import pytest
from mmengine.model import MMDistributedDataParallel
from mmengine.registry import HOOKS
from mmengine.runner import Runner
from torch.utils.data import DataLoader

import diffmm  # noqa: F401
from diffmm.diffusion import WeightsError
from diffmm.swapping import SwapError


class OneImage:
    """A data set of one item, which is never read."""

    def __len__(self):
        return 1

    def __getitem__(self, index):
        raise AssertionError('the first iteration began')


def build_runner(folder, in_channels):
    """A runner of a host's model, whose weights are not there to be read."""
    backbone = dict(
        type='StableDiffusionBackbone',
        arch='mini',
        pretrained='weights/that/are/not/here',
        prompt=dict(type='NullPrompt'),
    )
    head = dict(type='FCNHead', in_channels=in_channels, channels=8, num_classes=3)
    return Runner(
        model=dict(type='EncoderDecoder', backbone=backbone, decode_head=head),
        work_dir=str(folder),
        train_dataloader=DataLoader(OneImage()),
        train_cfg=dict(type='IterBasedTrainLoop', max_iters=1),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
        custom_hooks=[dict(type='FeatureContractHook')],
        default_scope='mmseg',
        experiment_name=f'{folder.name}_{in_channels}',
    )


def test_wrong_channels_stop_before_the_weights_are_read(tmp_path):
    message = r'model\.decode_head\.in_channels has 320, but should be 128'
    with pytest.raises(SwapError, match=message):
        build_runner(tmp_path, 320).train()


def test_a_model_that_fits_goes_on(tmp_path):
    """To the next thing that is wrong here: the weights."""
    with pytest.raises(WeightsError, match='weights/that/are/not/here'):
        build_runner(tmp_path, 128).train()


def test_looks_into_a_wrapped_model(monkeypatch):
    seen = []
    monkeypatch.setattr(
        'diffmm.engine.hooks.feature_contract_hook.check_feature_contract', seen.append
    )
    wrapped = MMDistributedDataParallel.__new__(MMDistributedDataParallel)
    wrapped.__dict__['module'] = 'the model'
    HOOKS.build(dict(type='FeatureContractHook')).before_run(
        SimpleNamespace(model=wrapped)
    )
    assert seen == ['the model']
