import pytest
from mmengine.registry import FUNCTIONS
from torch import nn

from diffmm.engine import diffusion_wrap_policy
from tests import tiny


@pytest.fixture(scope='module')
def backbone():
    return tiny.build_backbone()


def test_a_config_finds_it():
    assert FUNCTIONS.get('diffusion_wrap_policy') is diffusion_wrap_policy


def test_everything_is_looked_into(backbone):
    assert diffusion_wrap_policy(backbone, recurse=True, nonwrapped_numel=1)
    assert diffusion_wrap_policy(nn.Linear(1, 1), recurse=True, nonwrapped_numel=1)


def test_units_are_what_the_network_calls(backbone):
    unet = backbone.unet
    block = unet.down_blocks[0]
    transformer = block.attentions[0]
    for unit in (
        unet,
        backbone.vae,
        block.resnets[0],
        transformer.transformer_blocks[0].ff,
    ):
        assert diffusion_wrap_policy(unit, recurse=False, nonwrapped_numel=1)
    # Their layers are called from outside of them.
    for part in (backbone, block, transformer, transformer.transformer_blocks[0]):
        assert not diffusion_wrap_policy(part, recurse=False, nonwrapped_numel=1)
