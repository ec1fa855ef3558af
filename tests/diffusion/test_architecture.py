import pytest
import torch
from diffusers.models.attention_processor import Attention
from transformers import CLIPTextConfig, CLIPTextModel

from diffmm.diffusion import (
    FeatureUNet,
    ImageEncoder,
    architecture_names,
    load_architecture,
)
from tests import tiny

# conv_norm_out and conv_out of SD1.x and SD2.x.
OUTPUT_LAYER = 2 * 320 + 320 * 4 * 9 + 4


PARTS = ('unet', 'vae', 'text_encoder')


def test_names():
    assert architecture_names() == ('mini', 'sd15', 'sd21')


@pytest.mark.parametrize(
    'name, parameters', [('sd15', 859_520_964), ('sd21', 865_910_724)]
)
def test_unet_has_the_published_size(name, parameters):
    with torch.device('meta'):
        unet = FeatureUNet.build(load_architecture(name).unet)
    assert OUTPUT_LAYER == 12_164
    assert tiny.count_parameters(unet) == parameters - OUTPUT_LAYER
    assert unet.channels == (320, 640, 1280, 1280)


@pytest.mark.parametrize('name', ['sd15', 'sd21'])
def test_image_encoder_has_the_published_size(name):
    with torch.device('meta'):
        vae = ImageEncoder.build(load_architecture(name).vae)
    assert tiny.count_parameters(vae.encoder) == 34_163_592
    assert tiny.count_parameters(vae.quant_conv) == 72
    assert tiny.count_parameters(vae) == 34_163_592 + 72


@pytest.mark.parametrize(
    'name, parameters', [('sd15', 123_060_480), ('sd21', 340_387_840)]
)
def test_text_tower_has_the_published_size(name, parameters):
    config = CLIPTextConfig(**load_architecture(name).text_encoder)
    with torch.device('meta'):
        model = CLIPTextModel(config)
    assert tiny.count_parameters(model) == parameters


@pytest.mark.parametrize(
    'name, heads, head_widths', [('sd15', {8}, {40, 80, 160}), ('sd21', None, {64})]
)
def test_attention_heads(name, heads, head_widths):
    """SD1.x has 8 heads everywhere; SD2.x has heads of width 64 everywhere."""
    with torch.device('meta'):
        unet = FeatureUNet.build(load_architecture(name).unet)
    attentions = [m for m in unet.modules() if isinstance(m, Attention)]
    assert len(attentions) == 32
    assert {a.inner_dim // a.heads for a in attentions} == head_widths
    assert heads in (None, {a.heads for a in attentions})


def test_sd2_projects_with_linear_layers_and_pads_with_zero():
    old, new = load_architecture('sd15'), load_architecture('sd21')
    assert not old.unet['use_linear_projection']
    assert new.unet['use_linear_projection']
    assert old.text_encoder['pad_token_id'] == 49407
    assert new.text_encoder['pad_token_id'] == 0
    assert old.text_encoder['hidden_act'] == 'quick_gelu'
    assert new.text_encoder['hidden_act'] == 'gelu'


def test_mini_has_the_topology_of_sd15_and_a_tenth_of_its_channels():
    mini, full = load_architecture('mini').unet, load_architecture('sd15').unet
    for key in ('down_block_types', 'up_block_types', 'layers_per_block'):
        assert mini[key] == full[key]
    assert full['block_out_channels'] == [10 * c for c in mini['block_out_channels']]


@pytest.mark.parametrize('name', architecture_names())
def test_parts_fit_each_other(name):
    architecture = load_architecture(name)
    assert architecture.name == name
    assert architecture.context_width == architecture.text_encoder['hidden_size']
    assert architecture.unet['in_channels'] == architecture.vae['latent_channels']


def test_custom_architecture_is_taken_as_it_is():
    architecture = load_architecture(tiny.ARCHITECTURE)
    assert architecture.name == 'custom'
    assert architecture.unet == tiny.UNET
    assert architecture.context_width == tiny.WIDTH


def test_unknown_name_is_quoted_with_the_known_ones():
    with pytest.raises(ValueError, match="'sd3'.*'mini', 'sd15', 'sd21'"):
        load_architecture('sd3')


def test_missing_part_is_named():
    with pytest.raises(ValueError, match=r"missing: \['vae', 'text_encoder'\]"):
        load_architecture(dict(unet=tiny.UNET))


@pytest.mark.parametrize(
    ('part', 'name', 'meant'),
    [
        ('unet', 'block_out_chanels', 'block_out_channels'),
        ('unet', 'layer_per_block', 'layers_per_block'),
        ('vae', 'latent_channel', 'latent_channels'),
        ('text_encoder', 'hiden_size', 'hidden_size'),
    ],
)
def test_a_misspelled_setting_is_refused(part, name, meant):
    """The libraries would take a default in its place."""
    settings = getattr(load_architecture('mini'), part) | {name: 8}
    with pytest.raises(ValueError, match=f'{part} .*no setting {name!r}; .*{meant!r}'):
        load_architecture(tiny.ARCHITECTURE | {part: settings})


def test_settings_of_other_versions_pass():
    """Configs in folders have their writer's version, and settings of newer ones."""
    added = dict(_class_name='X', _diffusers_version='1', mid_block_add_attention=True)
    parts = {part: vars(load_architecture('sd15'))[part] | added for part in PARTS}
    assert load_architecture(parts).name == 'custom'
    with pytest.raises(ValueError, match=r"has the parts .*, got \['text'\] too"):
        load_architecture(parts | dict(text={}))
