import pytest
import torch

from diffmm.diffusion import FeatureUNet, TextEncoder, WeightsError, load_architecture
from diffmm.diffusion.weights import PriorSource
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
    source = MemorySource('memory', text_encoder=model.state_dict())
    encoder = source.text_encoder(architecture)
    assert isinstance(encoder, TextEncoder)
    assert encoder.pad_token_id == pad_token_id
    expected = TextEncoder(model, pad_token_id)(['cat'])
    torch.testing.assert_close(encoder(['cat']).tokens, expected.tokens)
