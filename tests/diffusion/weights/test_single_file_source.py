import open_clip
import pytest
import torch
from open_clip.transformer import TextTransformer
from safetensors.torch import save_file

from diffmm.diffusion import (
    FeatureUNet,
    ImageEncoder,
    WeightsError,
    load_architecture,
    load_tokenizer,
)
from diffmm.diffusion.text_encoder import text_tower
from diffmm.diffusion.weights.single_file_source import SingleFileSource
from tests import parity, tiny

ARCHITECTURE = load_architecture(parity.ARCHITECTURE)
UNET = 'model.diffusion_model.'
SD1_TEXT = 'cond_stage_model.transformer.text_model.'
SD2_TEXT = 'cond_stage_model.model.'
TEXTS = ['a photo of a cat', 'sky']


def clip_tower(seed=0):
    torch.manual_seed(seed)
    return text_tower(tiny.text_model(**parity.ARCHITECTURE['text_encoder']))


@pytest.fixture(scope='module')
def tensors():
    """An SD1.x checkpoint: UNet, VAE encoder and CLIP, in the original layout."""
    text = {SD1_TEXT + k: v for k, v in clip_tower().state_dict().items()}
    return parity.original_state_dict() | text


@pytest.fixture(scope='module')
def path(tensors, tmp_path_factory):
    path = tmp_path_factory.mktemp('single') / 'tiny.safetensors'
    save_file(tensors, path)
    return path


def unet_only(tensors):
    return {k: v for k, v in tensors.items() if k.startswith(UNET)}


def save(folder, tensors):
    save_file(tensors, folder / 'x.safetensors')
    return folder / 'x.safetensors'


def assert_equal(actual, expected):
    assert set(actual) == set(expected)
    assert all(torch.equal(actual[name], expected[name]) for name in expected)


@pytest.mark.parametrize('wrapped', [True, False])
def test_pickles_hold_the_same_as_safetensors(tensors, path, tmp_path, wrapped):
    content = dict(state_dict=tensors, global_step=3) if wrapped else tensors
    torch.save(content, tmp_path / 'tiny.ckpt')
    pickled, safe = SingleFileSource(tmp_path / 'tiny.ckpt'), SingleFileSource(path)
    for part in ('unet', 'vae', 'text_encoder'):
        expected = safe.state_dict(part, ARCHITECTURE)
        assert_equal(pickled.state_dict(part, ARCHITECTURE), expected)


def test_every_part_loads_and_reading_consumes_nothing(tensors, path):
    source = SingleFileSource(path)
    for _ in range(2):
        unet = FeatureUNet.build(ARCHITECTURE.unet)
        source.load_into(unet, 'unet', ARCHITECTURE)
        vae = ImageEncoder.build(ARCHITECTURE.vae)
        source.load_into(vae, 'vae', ARCHITECTURE)
        encoder = source.text_encoder(ARCHITECTURE)
    key = 'transformer_blocks.0.attn2.to_k.weight'
    expected = tensors[f'{UNET}input_blocks.1.1.{key}']
    assert torch.equal(unet.down_blocks[0].attentions[0].get_parameter(key), expected)
    expected = tensors['first_stage_model.encoder.mid.attn_1.q.weight']
    actual = vae.encoder.mid_block.attentions[0].to_q.weight
    assert torch.equal(actual, expected.view_as(actual))
    assert_equal(encoder.model.state_dict(), clip_tower().state_dict())
    assert encoder.pad_token_id == 49407


@pytest.fixture(scope='module')
def averaged(tensors):
    """The UNet and its moving average, under lightning's flattened names."""
    unet = unet_only(tensors)
    averages = {
        'model_ema.' + k.removeprefix('model.').replace('.', ''): v + 1
        for k, v in unet.items()
    }
    assert 'model_ema.diffusion_modeltime_embed0weight' in averages
    counters = {
        'model_ema.decay': torch.tensor(0.9999),
        'model_ema.num_updates': torch.tensor(5),
    }
    return unet | averages | counters


@pytest.mark.parametrize('use_ema, added', [(True, 1), (False, 0)])
def test_moving_average(averaged, path, tmp_path, use_ema, added):
    source = SingleFileSource(save(tmp_path, averaged), use_ema)
    plain = SingleFileSource(path).state_dict('unet', ARCHITECTURE)
    actual = source.state_dict('unet', ARCHITECTURE)
    assert_equal(actual, {name: tensor + added for name, tensor in plain.items()})


def test_a_file_without_moving_average_is_taken_as_it_is(path):
    expected = SingleFileSource(path, use_ema=False).state_dict('unet', ARCHITECTURE)
    actual = SingleFileSource(path, use_ema=True).state_dict('unet', ARCHITECTURE)
    assert_equal(actual, expected)


def test_half_a_moving_average_is_refused(averaged, tmp_path):
    del averaged['model_ema.diffusion_modelout2bias']
    source = SingleFileSource(save(tmp_path, averaged))
    with pytest.raises(WeightsError, match=r'only a part.*modelout2bias'):
        source.state_dict('unet', ARCHITECTURE)


@pytest.fixture
def open_clip_tower():
    """SD2.x's text tower in miniature; its last layer is never used."""
    return TextTransformer(
        width=tiny.WIDTH, heads=2, layers=3, mlp_ratio=2.0, output_dim=24
    ).eval()


def sd2_architecture():
    text = tiny.TEXT_ENCODER | dict(hidden_act='gelu', pad_token_id=0)
    return load_architecture(tiny.ARCHITECTURE | dict(text_encoder=text))


def test_open_clip_tower_gives_the_features_sd2_was_trained_with(
    open_clip_tower, tmp_path
):
    """The penultimate layer's output behind the final norm."""
    for parameter in open_clip_tower.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    tensors = {SD2_TEXT + k: v for k, v in open_clip_tower.state_dict().items()}
    tensors[SD2_TEXT + 'logit_scale'] = torch.tensor(4.6)
    source = SingleFileSource(save(tmp_path, tensors))
    features = source.text_encoder(sd2_architecture())(TEXTS)

    tokenizer = open_clip.tokenizer.SimpleTokenizer()
    ids = tokenizer(TEXTS)  # (T, 77), padded with 0
    with torch.no_grad():
        tower, mask = open_clip_tower, open_clip_tower.attn_mask
        hidden = tower.token_embedding(ids) + tower.positional_embedding
        *blocks, last_block = tower.transformer.resblocks
        # open_clip 2 has the tokens in front of the texts.
        first = (0, 0) if last_block.attn.batch_first else (0, 1)
        hidden = hidden.transpose(*first)
        for block in blocks:
            hidden = block(hidden, attn_mask=mask)
        last = last_block(hidden, attn_mask=mask).transpose(*first)
        expected = tower.ln_final(hidden.transpose(*first))
    torch.testing.assert_close(features.tokens, expected, rtol=1e-4, atol=1e-5)
    pooled = expected[torch.arange(2), ids.argmax(-1)]
    torch.testing.assert_close(features.pooled, pooled, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(open_clip_tower.ln_final(last), expected, atol=1e-2)
    lengths = [len(row) for row in load_tokenizer()(TEXTS).input_ids]
    assert features.lengths.tolist() == lengths


def test_open_clip_tower_of_another_width(open_clip_tower, tmp_path):
    tensors = {SD2_TEXT + k: v for k, v in open_clip_tower.state_dict().items()}
    source = SingleFileSource(save(tmp_path, tensors))
    with pytest.raises(WeightsError, match=r'text_encoder of .*x\.safetensors'):
        source.text_encoder(ARCHITECTURE)


def test_foreign_file(tmp_path):
    resnet = {'conv1.weight': torch.zeros(3), 'layer1.0.bn1.bias': torch.zeros(2)}
    source = SingleFileSource(save(tmp_path, resnet))
    with pytest.raises(WeightsError, match=r"holds no unet.*'conv1\.weight'"):
        source.state_dict('unet', ARCHITECTURE)


@pytest.mark.parametrize(
    ('name', 'hint'),
    [
        ('backbone.unet.conv_in.weight', 'load_from= takes it'),
        ('lora_unet_mid_block_attentions_0_proj_in.alpha', r'lora=\[FILE\]'),
        ('unet.down_blocks.0.attentions.0.lora_A.weight', r'lora=\[FILE\]'),
        ('down_blocks.0.resnets.0.conv1.weight', 'folder that holds unet, vae'),
        ('text_model.final_layer_norm.weight', 'folder that holds unet, vae'),
    ],
)
def test_what_other_files_are_for(tmp_path, name, hint):
    path = save(tmp_path, {name: torch.zeros(2), 'step': torch.zeros(2)})
    with pytest.raises(WeightsError, match=f'no original .*, but .*{hint}'):
        SingleFileSource(path).state_dict('unet', ARCHITECTURE)


@pytest.mark.parametrize('part', ['vae', 'text_encoder'])
def test_missing_part(tensors, tmp_path, part):
    source = SingleFileSource(save(tmp_path, unet_only(tensors)))
    with pytest.raises(WeightsError, match=f'holds no {part}'):
        source.state_dict(part, ARCHITECTURE)


@pytest.mark.parametrize(
    'removed',
    ['time_embed.0', 'input_blocks.0.0', 'input_blocks.4.', 'middle_block.1', 'out'],
)
def test_incomplete_unet(tensors, tmp_path, removed):
    left = {k: v for k, v in unet_only(tensors).items() if UNET + removed not in k}
    source = SingleFileSource(save(tmp_path, left))
    unet = FeatureUNet.build(ARCHITECTURE.unet)
    with pytest.raises(WeightsError, match=r'unet of .*x\.safetensors'):
        source.load_into(unet, 'unet', ARCHITECTURE)


@pytest.mark.parametrize(
    'options',
    [
        dict(block_out_channels=[32, 64, 64, 64]),
        dict(cross_attention_dim=96),
        dict(use_linear_projection=True),
        dict(layers_per_block=1),
        dict(layers_per_block=3),
    ],
    ids=str,
)
def test_another_architecture(path, options):
    """Whatever differs is said before anything is loaded."""
    unet = parity.ARCHITECTURE['unet'] | options
    architecture = load_architecture(parity.ARCHITECTURE | dict(unet=unet))
    module = FeatureUNet.build(unet)
    with pytest.raises(WeightsError, match=r"unet of .*architecture 'custom'"):
        SingleFileSource(path).load_into(module, 'unet', architecture)


def test_missing_file(tmp_path):
    with pytest.raises(WeightsError, match=r'none\.ckpt does not exist'):
        SingleFileSource(tmp_path / 'none.ckpt').state_dict('unet', ARCHITECTURE)


@pytest.mark.parametrize(
    'names',
    [
        dict(q='to_q', k='to_k', v='to_v', proj_out='to_out.0'),
        dict(q='query', k='key', v='value', proj_out='proj_attn'),
    ],
    ids=lambda names: names['q'],
)
def test_dialects_of_the_vae_attention(tensors, tmp_path, names):
    """As trainers and converters write it, the projections as linear layers."""
    prefix = 'first_stage_model.encoder.mid.attn_1.'
    renamed = {}
    for name, tensor in tensors.items():
        if name.startswith(prefix):
            layer, kind = name.removeprefix(prefix).split('.')
            if layer in names:
                name = f'{prefix}{names[layer]}.{kind}'
                tensor = tensor.flatten(1) if kind == 'weight' else tensor
        renamed[name] = tensor
    assert set(renamed) != set(tensors)
    expected, actual = (
        SingleFileSource(save(folder, each)).state_dict('vae', ARCHITECTURE)
        for folder, each in ((tmp_path, tensors), (tmp_path, renamed))
    )
    assert_equal(actual, expected)


@pytest.mark.parametrize(
    ('old', 'new'),
    [
        (SD1_TEXT, 'cond_stage_model.transformer.'),
        ('.attn_1.norm.', '.attn_1.group_norm.'),
        (SD1_TEXT, SD1_TEXT),
    ],
    ids=['no text_model', 'group norm', 'position ids'],
)
def test_dialects_of_merged_files(tensors, tmp_path, old, new):
    """As tools that merge and convert checkpoints write them."""
    renamed = {name.replace(old, new): tensor for name, tensor in tensors.items()}
    if old == new:
        renamed[f'{SD1_TEXT}embeddings.position_ids'] = torch.arange(77.0)[None]
    assert set(renamed) != set(tensors)
    source = SingleFileSource(save(tmp_path, renamed))
    encoder = source.text_encoder(ARCHITECTURE)
    assert_equal(encoder.model.state_dict(), clip_tower().state_dict())
    source.load_into(ImageEncoder.build(ARCHITECTURE.vae), 'vae', ARCHITECTURE)


@pytest.mark.parametrize(
    'stranger',
    ['label_emb.0.0.weight', 'time_embed.cond_proj.weight', 'id_predictor.0.weight'],
    ids=['classes', 'LCM', 'another model'],
)
def test_related_unets_are_refused(tensors, tmp_path, stranger):
    """Without a word they would be loaded without what conditions them."""
    path = save(tmp_path, tensors | {UNET + stranger: torch.zeros(2)})
    with pytest.raises(WeightsError, match=f'has 1 tensors .*{UNET}{stranger}'):
        SingleFileSource(path).state_dict('unet', ARCHITECTURE)
