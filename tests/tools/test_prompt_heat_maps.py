from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from diffmm.mini_world import generate
from tests import tiny
from tests.untrained import write_untrained

NAME = 'analysis_tools/prompt_heat_maps'
BASE = 'configs/vpd/vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py'
CONFIG = """
_base_ = {base!r}
model = dict(
    backbone=dict(
        _delete_=True, type='StableDiffusionBackbone', arch={arch!r},
        prompt=dict(type='MetaPrompts', num_prompts=6),
        refinement_steps=2, learned_timesteps=True),
    neck=dict(
        _delete_=True, type='RecurrentRefinementNeck', num_steps=2,
        neck=dict(
            type='PromptRearrangementNeck', in_channels=[16, 16, 32, 32], width=16,
            rearrange={rearrange})),
    decode_head=dict(
        _delete_=True, type='FCNHead', in_channels=6, in_index=0, channels=6,
        num_classes=16, num_convs=0, concat_input=False))
test_dataloader = dict(dataset=dict(data_root={data!r}))
"""


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp('data') / 'ade20k'
    generate(folder, 'ade20k', 1, 2, size=64)
    return folder


@pytest.fixture
def experiment(tmp_path, data, repo_root):
    """A config and the checkpoint of its untrained model."""

    def write(rearrange: bool = True) -> list[str]:
        text = CONFIG.format(
            base=str(repo_root / BASE),
            arch=tiny.ARCHITECTURE,
            data=str(data),
            rearrange=rearrange,
        )
        return [*write_untrained(tmp_path, text), '--out-dir', str(tmp_path / 'out')]

    return write


def test_a_picture_an_image(load_tool, experiment, tmp_path, capsys):
    tool = load_tool(NAME)
    tool.main([*experiment(), '--prompts', '5', '2', '--images', '1', '0'])
    files = sorted((tmp_path / 'out').iterdir())
    assert [file.name for file in files] == ['prompts_00000.png', 'prompts_00001.png']
    assert capsys.readouterr().out.count('written: ') == 2
    first, second = (cv2.imread(str(file)) for file in files)
    # The input and two prompts take two rows of two tiles of 128 pixels.
    assert first.shape[1] == second.shape[1] == 256
    assert not np.array_equal(first, second)


def test_without_prompts_the_most_selective(load_tool, experiment, tmp_path):
    tool = load_tool(NAME)
    argv = experiment()
    tool.main([*argv, '--top-k', '3', '--level', '2'])
    strongest = (tmp_path / 'out' / 'prompts_00000.png').read_bytes()
    tool.main([*argv, '--top-k', '3', '--level', '0'])
    assert (tmp_path / 'out' / 'prompts_00000.png').read_bytes() != strongest


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['--prompts', '0', '6'], r'prompts 0 to 5, but got \[6\]'),
        (['--level', '4'], '--level must be below 4, got 4'),
        (['--images', '0', '2'], r'images 0 to 1, got \[2\]'),
    ],
)
def test_bad_arguments_are_named(load_tool, experiment, options, message):
    with pytest.raises(SystemExit, match=message):
        load_tool(NAME).main([*experiment(), *options])


def test_models_without_rearrangement_are_named(load_tool, experiment):
    with pytest.raises(SystemExit, match='EncoderDecoder rearranges no features'):
        load_tool(NAME).main(experiment(rearrange=False))


def test_files_that_do_not_fit_are_named(load_tool, experiment, tmp_path):
    tool = load_tool(NAME)
    config, checkpoint, *rest = experiment()
    with pytest.raises(SystemExit, match='no config at missing.py'):
        tool.main(['missing.py', checkpoint, *rest])
    with pytest.raises(SystemExit, match='no checkpoint at missing.pth'):
        tool.main([config, 'missing.pth', *rest])
    torch.save(dict(state_dict=dict(bias=torch.zeros(1))), checkpoint)
    with pytest.raises(SystemExit, match='trained.pth does not fit'):
        tool.main([config, checkpoint, *rest])
