import pytest
import torch

from diffmm.diffusion import UNetFeatures
from diffmm.models.backbones.feature_assembly import assemble_maps

STRIDES = (8, 16)


@pytest.fixture
def output():
    """Of an image of 100x70, padded to 128x128."""
    maps = (torch.randn(1, 4, 16, 16), torch.randn(1, 6, 8, 8))
    return UNetFeatures(maps, {1: torch.rand(1, 3, 8, 8)})


def first_two(attention_map):
    return attention_map[:, :2]


def test_maps_are_cropped_to_the_image(output):
    maps, attention_maps = assemble_maps(output, STRIDES, (100, 70), first_two, 1.0)
    assert [tuple(each.shape) for each in maps] == [(1, 4, 13, 9), (1, 8, 7, 5)]
    assert torch.equal(maps[0], output.maps[0][..., :13, :9])
    assert list(attention_maps) == [16]
    expected = output.attention_maps[1][:, :2, :7, :5]
    assert torch.equal(attention_maps[16], expected)
    assert torch.equal(maps[1], torch.cat([output.maps[1][..., :7, :5], expected], 1))


def test_padding_may_be_kept_and_attention_scaled(output):
    maps, attention_maps = assemble_maps(output, STRIDES, None, first_two, 8.0)
    assert [tuple(each.shape[-2:]) for each in maps] == [(16, 16), (8, 8)]
    assert torch.equal(maps[1][:, 6:], 8 * attention_maps[16])
    assert torch.equal(attention_maps[16], output.attention_maps[1][:, :2])


def test_attention_takes_the_precision_of_the_features(output):
    half = output._replace(maps=tuple(each.bfloat16() for each in output.maps))
    maps, attention_maps = assemble_maps(half, STRIDES, None, first_two, 1.0)
    assert {each.dtype for each in maps} == {torch.bfloat16}
    assert attention_maps[16].dtype == torch.float32
