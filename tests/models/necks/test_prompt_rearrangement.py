from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F

from diffmm.models.necks import PromptRearrangement
from diffmm.models.necks.prompt_rearrangement import check_features, group_norm
from tests.models.necks.pyramid import CHANNELS, features


def test_one_channel_is_one_prompt():
    module = PromptRearrangement(6, width=32, upsample=2)
    feature, prompts = torch.randn(2, 6, 5, 7), torch.randn(2, 3, 32)
    rearranged = module(feature, prompts)
    assert rearranged.shape == (2, 3, 10, 14)
    larger = F.interpolate(feature, (10, 14), mode='bilinear', align_corners=False)
    projected = F.conv2d(larger, module.conv.weight, module.conv.bias, padding=1)
    projected = F.group_norm(projected, 16, module.norm.weight, module.norm.bias).relu()
    for image in range(2):
        for prompt in range(3):
            expected = (projected[image] * prompts[image, prompt, :, None, None]).sum(0)
            torch.testing.assert_close(
                rearranged[image, prompt], expected, rtol=1e-4, atol=1e-4
            )


def test_without_rearrangement_the_projection_is_left():
    module = PromptRearrangement(6, width=32, rearrange=False)
    feature = torch.randn(2, 6, 5, 7)
    projected = module(feature, torch.randn(2, 3, 32))
    assert projected.shape == (2, 32, 5, 7)
    torch.testing.assert_close(projected, module.norm(module.conv(feature)).relu())


def test_the_gradient_reaches_prompts_and_projection():
    module = PromptRearrangement(6, width=32)
    prompts = torch.randn(1, 3, 32, requires_grad=True)
    module(torch.randn(1, 6, 4, 4), prompts).square().sum().backward()
    for tensor in (prompts, *module.parameters()):
        assert tensor.grad.abs().max() > 0


def test_prompts_of_another_width_are_quoted():
    module = PromptRearrangement(6, width=32)
    with pytest.raises(ValueError, match='width=32.*prompts are 24 wide: set width=24'):
        module(torch.randn(1, 6, 4, 4), torch.randn(1, 3, 24))


@pytest.mark.parametrize(
    'channels, groups', [(768, 16), (320, 16), (370, 2), (8, 8), (7, 1)]
)
def test_groups_of_any_width(channels, groups):
    assert group_norm(channels).num_groups == groups


def test_what_a_backbone_gives_is_accepted():
    check_features(SimpleNamespace(in_channels=CHANNELS), features())


def test_maps_without_prompts_are_named():
    with pytest.raises(TypeError, match='SimpleNamespace needs the prompts.*got a tup'):
        check_features(SimpleNamespace(in_channels=CHANNELS), tuple(features()))


def test_another_number_of_maps_is_named():
    with pytest.raises(ValueError, match=r'2 entries \[4, 6\], but got 4 maps'):
        check_features(SimpleNamespace(in_channels=CHANNELS[:2]), features())
