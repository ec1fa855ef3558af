from collections import Counter

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch.overrides import TorchFunctionMode

from diffmm.diffusion import AttentionRequest, FeatureUNet, spatial_transformer
from tests import tiny

SIZES = {0: (16, 24), 1: (8, 12), 2: (4, 6), 3: (2, 3)}
# Which module of the plain UNet each tap reads, fine to coarse.
TAPS = (
    'up_blocks.3.attentions.2',
    'up_blocks.2.attentions.1',
    'up_blocks.1.attentions.1',
    'up_blocks.0.resnets.1',
)


class CallCounter(TorchFunctionMode):
    """Counts the calls of torch's functions by name."""

    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.counts[getattr(func, '__name__', str(func))] += 1
        return func(*args, **(kwargs or {}))


def pair(config, **options):
    """The plain UNet and ours, with the same weights."""
    torch.manual_seed(0)
    plain = UNet2DConditionModel(**config)
    ours = FeatureUNet.build(config, **options)
    # The output layer is what ours has no place for.
    assert not ours.load_state_dict(plain.state_dict(), strict=False).missing_keys
    return plain, ours


@pytest.fixture
def unet():
    return pair(tiny.UNET)[1]


@pytest.fixture
def latents():
    return torch.randn(2, 4, 16, 24)


@pytest.fixture
def context():
    return torch.randn(2, 5, tiny.WIDTH)


def output_layer(plain, features):
    return plain.conv_out(plain.conv_act(plain.conv_norm_out(features.maps[0])))


def test_names_are_those_of_the_plain_unet_less_the_output_layer():
    plain, ours = pair(tiny.UNET)
    left_out = set(plain.state_dict()) - set(ours.state_dict())
    assert {name.split('.')[0] for name in left_out} == {'conv_norm_out', 'conv_out'}
    assert not set(ours.state_dict()) - set(plain.state_dict())


@pytest.mark.parametrize(
    'options, left_out',
    [
        (dict(output_layer=True), set()),
        (dict(timestep_mlp=False), {'conv_norm_out', 'conv_out', 'time_embedding'}),
        (dict(output_layer=True, timestep_mlp=False), {'time_embedding'}),
    ],
    ids=['output layer', 'no timestep', 'both'],
)
def test_parts_are_there_if_something_passes_through_them(options, left_out):
    plain, ours = pair(tiny.UNET, **options)
    missing = set(plain.state_dict()) - set(ours.state_dict())
    assert {name.split('.')[0] for name in missing} == left_out
    assert not set(ours.state_dict()) - set(plain.state_dict())


@pytest.mark.parametrize('checkpointing', [False, True])
def test_the_prediction_is_that_of_the_plain_unet(checkpointing, latents, context):
    plain, ours = pair(tiny.UNET, output_layer=True)
    if checkpointing:
        ours.enable_gradient_checkpointing()
    expected = plain(latents, 10, encoder_hidden_states=context).sample
    output = ours(latents, context, 10, predict=True)
    torch.testing.assert_close(output.prediction, expected, rtol=1e-5, atol=1e-5)
    tiny.assert_same_features(output.maps, ours(latents, context, 10).maps, 0)
    assert ours(latents, context, 10).prediction is None


@pytest.mark.parametrize('config', [tiny.UNET, tiny.LINEAR_UNET], ids=['sd1', 'sd2'])
def test_the_width_of_a_time_embedding_is_known_without_the_mlp(config):
    plain, ours = pair(config, timestep_mlp=False)
    width = plain.time_embedding.linear_2.out_features
    assert ours.time_embedding_width == width == 64
    custom = FeatureUNet.build(config | dict(time_embedding_dim=48), timestep_mlp=False)
    assert custom.time_embedding_width == 48


def test_single_precision(unet, latents, context):
    half = unet(latents, context)
    half = half._replace(
        maps=tuple(each.bfloat16() for each in half.maps), prediction=latents.bfloat16()
    )
    single = half.float()
    assert {each.dtype for each in (*single.maps, single.prediction)} == {torch.float32}
    tiny.assert_same_features(single.maps, [each.float() for each in half.maps], 0)
    assert unet(latents, context).float().prediction is None


@pytest.mark.parametrize('capture', [None, AttentionRequest()], ids=['plain', 'a32'])
@pytest.mark.parametrize('checkpointing', [False, True])
@pytest.mark.parametrize('config', [tiny.UNET, tiny.LINEAR_UNET], ids=['sd1', 'sd2'])
def test_the_pass_is_that_of_the_plain_unet(
    config, checkpointing, capture, latents, context
):
    plain, ours = pair(config)
    if checkpointing:
        ours.enable_gradient_checkpointing()
    expected = plain(latents, 10, encoder_hidden_states=context).sample
    actual = output_layer(plain, ours(latents, context, 10, attention=capture))
    torch.testing.assert_close(actual, expected, rtol=1e-5, atol=1e-5)
    # And so are the gradients of every shared parameter.
    weights = torch.randn_like(expected)
    (expected * weights).sum().backward()
    (actual * weights).sum().backward()
    references = dict(plain.named_parameters())
    for name, parameter in ours.named_parameters():
        reference = references[name].grad
        scale = reference.abs().max().item() + 1e-3
        torch.testing.assert_close(
            parameter.grad, reference, rtol=0, atol=1e-4 * scale, msg=name
        )


def test_checkpointing_recomputes(latents, context, unet):
    unet.enable_gradient_checkpointing()
    calls = []
    unet.up_blocks[3].resnets[0].register_forward_hook(lambda *_: calls.append(1))
    features = unet(latents, context)
    assert len(calls) == 1
    features.maps[0].sum().backward()
    assert len(calls) == 2


@pytest.mark.parametrize('config', [tiny.UNET, tiny.LINEAR_UNET], ids=['sd1', 'sd2'])
def test_taps_are_the_last_units_before_up_sampling(config, latents, context):
    plain, ours = pair(config)
    seen = {}
    for name in TAPS:
        plain.get_submodule(name).register_forward_hook(
            lambda module, inputs, output, name=name: seen.update({name: output})
        )
    plain(latents, 1, encoder_hidden_states=context)
    features = ours(latents, context)
    for level, name in enumerate(TAPS):
        expected = seen[name]
        expected = expected[0] if isinstance(expected, tuple) else expected
        feature = features.maps[level]
        assert feature.shape == (2, ours.channels[level], *SIZES[level])
        torch.testing.assert_close(feature, expected, rtol=1e-5, atol=1e-5)


def test_timestep_is_an_integer_or_one_for_every_image(unet, latents, context):
    one, two = unet(latents, context, 1).maps[0], unet(latents, context, 500).maps[0]
    both = unet(latents, context, torch.tensor([1, 500])).maps[0]
    assert not torch.allclose(one, two, atol=1e-3)
    torch.testing.assert_close(both[0], one[0], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(both[1], two[1], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(unet(latents, context).maps[0], one)


def test_time_embedding_replaces_the_timestep(unet, latents, context):
    embedding = unet.time_embedding(unet.time_proj(torch.tensor([7])))
    expected = unet(latents, context, 7)
    actual = unet(latents, context, timestep=900, time_embedding=embedding)
    tiny.assert_same_features(actual.maps, expected.maps)
    embedding.retain_grad()
    unet(latents, context, time_embedding=embedding).maps[0].sum().backward()
    assert embedding.grad.abs().max() > 0


@pytest.mark.parametrize(
    'stages, layers',
    [
        (('down', 'up'), {0: 5, 1: 5, 2: 5}),
        (('up',), {0: 3, 1: 3, 2: 3}),
        (('down',), {0: 2, 1: 2, 2: 2}),
        (('mid',), {3: 1}),
        (('down', 'mid', 'up'), {0: 5, 1: 5, 2: 5, 3: 1}),
    ],
)
def test_a_map_is_the_mean_over_its_layers(
    unet, latents, context, stages, layers, monkeypatch
):
    captured = {level: [] for level in layers}
    original = spatial_transformer.cross_attention_with_map

    def recording(attention, hidden, *arguments):
        output, probabilities = original(attention, hidden, *arguments)
        level = next(i for i, (h, w) in SIZES.items() if h * w == hidden.shape[1])
        captured[level].append(probabilities)
        return output, probabilities

    monkeypatch.setattr(spatial_transformer, 'cross_attention_with_map', recording)
    request = AttentionRequest(stages, max_size=64)
    maps = unet(latents, context, attention=request).attention_maps
    assert {level: len(found) for level, found in captured.items()} == layers
    assert list(maps) == sorted(layers)
    for level, found in captured.items():
        expected = torch.stack(found).mean(0)  # (B, HW, N)
        expected = expected.transpose(1, 2).unflatten(2, SIZES[level])
        torch.testing.assert_close(maps[level], expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    'request_, captured',
    [
        (None, 0),
        (AttentionRequest(max_size=16), 5),
        (AttentionRequest(), 10),
        (AttentionRequest(max_size=64), 15),
        (AttentionRequest(('mid',)), 1),
    ],
)
def test_only_requested_layers_compute_probabilities(
    unet, latents, context, request_, captured
):
    """All 16 self- and 16 cross-attentions stay on fused attention."""
    counter = CallCounter()
    with counter:
        maps = unet(latents, context, attention=request_).attention_maps
    assert counter.counts['softmax'] == captured
    assert counter.counts['scaled_dot_product_attention'] == 32
    assert bool(maps) == bool(captured)


@pytest.mark.parametrize('checkpointing', [False, True])
@pytest.mark.parametrize('gradient', [False, True])
def test_gradient_of_the_maps(unet, latents, context, gradient, checkpointing):
    if checkpointing:
        unet.enable_gradient_checkpointing()
    request = AttentionRequest(gradient=gradient)
    maps = unet(latents, context, attention=request).attention_maps
    assert {m.requires_grad for m in maps.values()} == {gradient}
    if gradient:
        maps[1].square().sum().backward()
        block = unet.up_blocks[2].attentions[0].transformer_blocks[0]
        assert block.attn2.to_k.weight.grad.abs().max() > 0


@pytest.mark.parametrize('height, width', [(12, 16), (16, 20)])
def test_latents_of_a_bad_size_are_quoted(unet, context, height, width):
    with pytest.raises(ValueError, match=f'{height}x{width}.*multiples of 8'):
        unet(torch.randn(2, 4, height, width), context)


def test_context_of_a_bad_width_is_quoted(unet, latents):
    with pytest.raises(ValueError, match=f'24 wide.*attends to {tiny.WIDTH}'):
        unet(latents, torch.randn(2, 5, 24))


def test_parts_that_were_left_out_are_named(latents, context):
    _, ours = pair(tiny.UNET, timestep_mlp=False)
    with pytest.raises(ValueError, match='timestep_mlp=False.*pass a time_embedding'):
        ours(latents, context)
    embedding = torch.randn(1, ours.time_embedding_width)
    with pytest.raises(ValueError, match='without its output layer.*output_layer=True'):
        ours(latents, context, time_embedding=embedding, predict=True)
