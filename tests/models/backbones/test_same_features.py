"""Copies, wrappers and compilation of the backbone change no number."""

from copy import deepcopy

import pytest
import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from diffmm.diffusion import AttentionRequest
from tests import tiny

OPTIONS = [dict(), dict(attention=dict(max_size=32, gradient=True))]


@pytest.fixture(params=OPTIONS, ids=['plain', 'a32'])
def backbone(request):
    return tiny.build_backbone(**request.param)


@pytest.fixture
def images():
    return tiny.image(64, 96, batch=2)


def trainable(backbone):
    return {n: p for n, p in backbone.named_parameters() if p.requires_grad}


def loss_of(features):
    return sum(feature.square().mean() for feature in features)


def test_deepcopy_gives_the_same_features(backbone, images):
    tiny.assert_same_features(deepcopy(backbone)(images), backbone(images), 0)


def test_deepcopy_is_independent(backbone, images):
    expected = [feature.detach().clone() for feature in backbone(images)]
    copy = deepcopy(backbone)
    originals = {id(p) for p in backbone.parameters()}
    assert not originals & {id(p) for p in copy.parameters()}
    with torch.no_grad():
        for parameter in copy.parameters():
            parameter.mul_(1.5)
    changed = copy(images)
    assert not torch.allclose(changed[0], expected[0], atol=1e-3)
    tiny.assert_same_features(backbone(images), expected, 0)
    # Also what the copy's features lead back to is the copy.
    tiny.assert_same_features(changed.denoise(changed.latents), changed)


@pytest.fixture
def process_group(tmp_path):
    distributed.init_process_group(
        'gloo', init_method=f'file://{tmp_path}/store', rank=0, world_size=1
    )
    yield
    distributed.destroy_process_group()


@pytest.mark.parametrize('trainable_part', ['all', 'norm', 'none', 'lora'])
def test_ddp(process_group, images, trainable_part):
    """Same features; every parameter that trains is used in every iteration."""
    if trainable_part == 'lora':
        trainable_part = dict(type='lora', rank=2)
    backbone = tiny.build_backbone(
        attention=dict(max_size=32), trainable=trainable_part
    )
    expected = backbone(images)
    wrapped = DistributedDataParallel(backbone, find_unused_parameters=False)
    for _ in range(2):  # the second forward complains about unused parameters
        features = wrapped(images)
        assert type(features) is type(expected)
        tiny.assert_same_features(features, expected, 0)
        wrapped.zero_grad()
        loss_of(features).backward()
        for name, parameter in trainable(backbone).items():
            assert parameter.grad is not None, name
            # The adapters' second factors begin at zero.
            if '.lora_A' not in name:
                assert parameter.grad.abs().max() > 0, name


def test_gradient_checkpointing(backbone, images):
    again = deepcopy(backbone)
    again.unet.enable_gradient_checkpointing()
    gradients = []
    for model in (backbone, again):
        loss_of(model(images)).backward()
        gradients.append({n: p.grad for n, p in trainable(model).items()})
    tiny.assert_same_features(again(images), backbone(images), 0)
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(
            gradients[1][name], gradient, rtol=1e-4, atol=1e-6, msg=name
        )


def test_gradient_checkpointing_is_an_option(images):
    backbone = tiny.build_backbone(gradient_checkpointing=True)
    assert backbone.unet.is_gradient_checkpointing
    assert not tiny.build_backbone().unet.is_gradient_checkpointing


# Tracing takes as long as there are layers: a level with cross-attention, one without.
SHALLOW = tiny.ARCHITECTURE | dict(
    unet=tiny.UNET
    | dict(
        block_out_channels=[16, 32],
        down_block_types=['CrossAttnDownBlock2D', 'DownBlock2D'],
        up_block_types=['UpBlock2D', 'CrossAttnUpBlock2D'],
        layers_per_block=1,
    )
)
CAPTURED = dict(attention=dict(max_size=64))


def test_a_fresh_backbone_is_one_graph(images):
    """Nothing makes the compiler fall back to Python, on the first call either."""
    backbone = tiny.build_backbone(arch=SHALLOW, refinement_steps=2, **CAPTURED).eval()
    compiled = torch.compile(backbone, backend='eager', fullgraph=True)
    with torch.no_grad():
        tiny.assert_same_features(compiled(images), backbone(images))


def test_the_unet_alone_is_one_graph(images):
    """With a prediction, and with gradient."""
    unet = tiny.build_backbone(arch=SHALLOW, refinement_steps=2, **CAPTURED).unet
    request = AttentionRequest(max_size=64)
    arguments = torch.randn(2, 4, 8, 8), torch.randn(2, 3, tiny.WIDTH), 1, None, request
    expected = unet(*arguments, predict=True)
    unet.compile(backend='eager', fullgraph=True)
    actual = unet(*arguments, predict=True)
    tiny.assert_same_features(
        [*actual.maps, actual.prediction, *actual.attention_maps.values()],
        [*expected.maps, expected.prediction, *expected.attention_maps.values()],
    )


def test_export(images):
    """On a fresh backbone, whose check of the range has not run yet."""

    class Maps(nn.Module):
        def __init__(self):
            super().__init__()
            self.backbone = tiny.build_backbone(arch=SHALLOW, **CAPTURED)

        def forward(self, images):
            return tuple(self.backbone(images))

    maps = Maps().eval()
    exported = torch.export.export(maps, (images,)).module()
    with torch.no_grad():
        tiny.assert_same_features(exported(images), maps(images))


@pytest.mark.slow
def test_compile(images):
    options = dict(attention=dict(max_size=32))
    expected = tiny.build_backbone(**options)
    compiled = tiny.build_backbone(compile_unet=True, **options)
    tiny.assert_same_features(compiled(images), expected(images), 1e-4)
    # The compiler renames nothing: checkpoints fit both.
    assert list(compiled.state_dict()) == list(expected.state_dict())
    tiny.assert_same_features(deepcopy(compiled)(images), expected(images), 1e-4)


def test_compile_is_an_option():
    assert tiny.build_backbone(compile_unet=True).unet._compiled_call_impl is not None
    assert tiny.build_backbone().unet._compiled_call_impl is None


def test_autocast_gives_float32_maps_near_those_of_float32(images):
    backbone = tiny.build_backbone()
    again = tiny.build_backbone(autocast=True)
    again.load_state_dict(backbone.state_dict())
    expected, actual = backbone(images), again(images)
    assert {feature.dtype for feature in actual} == {torch.float32}
    # bfloat16 has 8 binary digits; here they are lost and there not.
    tiny.assert_same_features(actual, expected, 0.05)
    assert not torch.allclose(actual[0], expected[0], rtol=0, atol=1e-6)


def test_autocast_inside_of_autocast_and_checkpointing(images):
    """What surrounds the backbone neither adds to it nor switches it off."""
    backbone = tiny.build_backbone()
    again = tiny.build_backbone(autocast=True, gradient_checkpointing=True)
    again.load_state_dict(backbone.state_dict())
    alone = again(images)
    with torch.autocast('cpu', torch.bfloat16):
        within = again(images)
        assert backbone(images)[0].dtype == torch.bfloat16
    assert within[0].dtype == torch.float32
    # The frozen image encoder before it is in bfloat16 then, too.
    tiny.assert_same_features(within, alone, 0.05)
    sum(feature.sum() for feature in alone).backward()
    assert again.unet.conv_in.weight.grad.isfinite().all()
