import pytest
import torch
from torch import nn

from diffmm.diffusion import FeatureUNet, TextEncoder, WeightsError, load_architecture
from diffmm.diffusion.text_encoder import text_tower
from diffmm.diffusion.weights import PriorSource, assign_weights
from diffmm.models.backbones.trainable_part import set_trainable_part
from tests import tiny


class MemorySource(PriorSource):
    """Holds its tensors in memory."""

    def __init__(self, location, **parts):
        super().__init__(location)
        self._parts = parts

    def state_dict(self, part, architecture):
        return self._parts[part]


def test_a_source_must_say_how_it_reads():
    with pytest.raises(TypeError, match='state_dict'):
        PriorSource('somewhere')


def test_load_into_fills_the_module():
    tensors = FeatureUNet.build(tiny.UNET).state_dict()
    unet = FeatureUNet.build(tiny.UNET)
    architecture = load_architecture(tiny.ARCHITECTURE)
    MemorySource('memory', unet=tensors).load_into(unet, 'unet', architecture)
    for name, tensor in unet.state_dict().items():
        assert torch.equal(tensor, tensors[name])


def test_errors_name_the_part_the_location_and_the_architecture():
    unet = FeatureUNet.build(tiny.UNET)
    source = MemorySource('the attic', unet={})
    with pytest.raises(WeightsError, match="unet of the attic .*'custom'"):
        source.load_into(unet, 'unet', load_architecture(tiny.ARCHITECTURE))


@pytest.mark.parametrize('pad_token_id', [49407, 0])
def test_text_encoder(pad_token_id):
    model = tiny.text_model()
    text = tiny.TEXT_ENCODER | dict(pad_token_id=pad_token_id)
    architecture = load_architecture(tiny.ARCHITECTURE | dict(text_encoder=text))
    source = MemorySource('memory', text_encoder=text_tower(model).state_dict())
    encoder = source.text_encoder(architecture)
    assert isinstance(encoder, TextEncoder)
    assert encoder.pad_token_id == pad_token_id
    expected = TextEncoder(model, pad_token_id)(['cat'])
    torch.testing.assert_close(encoder(['cat']).tokens, expected.tokens)


@pytest.fixture
def module():
    return nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))


def filled(module, value):
    return {k: torch.full_like(v, value) for k, v in module.state_dict().items()}


def test_parameters_and_buffers_are_filled(module):
    parameters = list(module.parameters())
    assign_weights(module, filled(module, 3), 'source', 'sd15')
    assert all((t == 3).all() for t in module.state_dict().values())
    # In place: an optimizer that holds the parameters sees the values.
    assert all(p is q for p, q in zip(parameters, module.parameters(), strict=True))
    assert all(p.requires_grad and p.grad_fn is None for p in parameters)


def test_values_take_the_dtype_of_the_module(module):
    tensors = {k: v.half() for k, v in filled(module, 0.1).items()}
    assign_weights(module, tensors, 'source', 'sd15')
    assert module[0].weight.dtype == torch.float32
    assert module[0].weight[0, 0] == torch.tensor(0.1).half().float()


def test_what_has_no_place_is_left_aside(module):
    tensors = filled(module, 1) | {'decoder.weight': torch.zeros(5)}
    assign_weights(module, tensors, 'source', 'sd15')
    assert (module[0].weight == 1).all()


def test_missing_tensors_are_named_and_nothing_is_copied(module):
    before = {k: v.clone() for k, v in module.state_dict().items()}
    tensors = filled(module, 1)
    del tensors['1.bias']
    with pytest.raises(WeightsError) as error:
        assign_weights(module, tensors, 'unet of x.ckpt', 'sd21')
    for part in ('unet of x.ckpt', "'sd21'", "1 of 7 tensors missing ['1.bias']"):
        assert part in str(error.value)
    assert all(torch.equal(before[k], v) for k, v in module.state_dict().items())


def test_other_shapes_are_quoted_and_nothing_is_copied(module):
    before = {k: v.clone() for k, v in module.state_dict().items()}
    tensors = filled(module, 1) | {'0.weight': torch.zeros(3, 2)}
    with pytest.raises(WeightsError, match=r'0.weight is \(3, 2\), expected \(2, 3\)'):
        assign_weights(module, tensors, 'source', 'sd15')
    assert all(torch.equal(before[k], v) for k, v in module.state_dict().items())


def test_adapted_layers_are_filled_and_adapters_kept():
    unet = FeatureUNet.build(tiny.UNET)
    tensors = {k: torch.randn_like(v) for k, v in unet.state_dict().items()}
    set_trainable_part(unet, dict(type='lora', rank=2))
    adapters = {k: v.clone() for k, v in unet.state_dict().items() if '.lora_' in k}
    assert adapters
    assign_weights(unet, tensors, 'source', 'custom')
    state = unet.state_dict()
    for name, value in tensors.items():
        stem, kind = name.rsplit('.', 1)
        adapted = f'{stem}.base_layer.{kind}'
        assert torch.equal(state[adapted if adapted in state else name], value)
    assert all(torch.equal(state[name], value) for name, value in adapters.items())
