import json

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file, save_file

from diffmm.diffusion import (
    FeatureUNet,
    ImageEncoder,
    WeightsError,
    load_architecture,
)
from diffmm.diffusion.weights import SHIPPED, open_prior, shipped_folder
from diffmm.diffusion.weights.folder_source import FolderSource
from tests import tiny

MODULE = 'diffmm.diffusion.weights.folder_source'
ARCHITECTURE = load_architecture(tiny.ARCHITECTURE)
FILES = {
    'unet': 'diffusion_pytorch_model',
    'vae': 'diffusion_pytorch_model',
    'text_encoder': 'model',
}


@pytest.fixture
def folder(tmp_path):
    return tiny.write_folder(tmp_path / 'model')


@pytest.fixture
def expected(folder):
    """The tensors of every part as they were saved."""
    return {
        part: {
            name.removeprefix('text_model.'): tensor.clone()
            for name, tensor in load_file(weights_of(folder, part)).items()
        }
        for part in FILES
    }


def weights_of(folder, part):
    return folder / part / f'{FILES[part]}.safetensors'


def edit_config(folder, part, **changes):
    path = folder / part / 'config.json'
    config = json.loads(path.read_text()) | changes
    config = {key: value for key, value in config.items() if value is not None}
    path.write_text(json.dumps(config))


def assert_equal(actual, expected):
    assert set(actual) == set(expected)
    assert all(torch.equal(actual[name], expected[name]) for name in expected)


def test_every_part_loads(folder, expected):
    source = FolderSource(folder)
    unet = FeatureUNet.build(tiny.UNET)
    source.load_into(unet, 'unet', ARCHITECTURE)
    vae = ImageEncoder.build(tiny.VAE)
    source.load_into(vae, 'vae', ARCHITECTURE)
    encoder = source.text_encoder(ARCHITECTURE)
    assert_equal(encoder.model.state_dict(), expected['text_encoder'])
    for module, part in ((unet, 'unet'), (vae, 'vae')):
        state = module.state_dict()
        assert_equal(state, {name: expected[part][name] for name in state})


@pytest.mark.parametrize('part', FILES)
@pytest.mark.parametrize('ending', ['.fp16.safetensors', '.bin', '.fp16.bin'])
def test_other_endings(folder, expected, part, ending):
    path = weights_of(folder, part)
    path.unlink()
    half = {name: tensor.half() for name, tensor in expected[part].items()}
    target = path.with_name(FILES[part] + ending)
    save_file(half, target) if 'safe' in ending else torch.save(half, target)
    assert_equal(FolderSource(folder).state_dict(part, ARCHITECTURE), half)


def test_what_diffusers_saves_as_a_variant(tmp_path, expected):
    folder = tiny.write_folder(tmp_path / 'half', variant='fp16')
    source = FolderSource(folder)
    for part in FILES:
        assert not weights_of(folder, part).exists()
        assert_equal(source.state_dict(part, ARCHITECTURE), expected[part])


def test_full_precision_wins_over_half(folder, expected):
    path = folder / 'unet' / 'diffusion_pytorch_model.fp16.safetensors'
    save_file({name: t * 0 for name, t in expected['unet'].items()}, path)
    assert_equal(
        FolderSource(folder).state_dict('unet', ARCHITECTURE), expected['unet']
    )


def test_old_name_of_the_text_encoder(folder, expected):
    weights_of(folder, 'text_encoder').unlink()
    torch.save(expected['text_encoder'], folder / 'text_encoder' / 'pytorch_model.bin')
    actual = FolderSource(folder).state_dict('text_encoder', ARCHITECTURE)
    assert_equal(actual, expected['text_encoder'])


@pytest.mark.parametrize('prefix', ['', 'text_model.'])
def test_prefix_of_the_text_encoder(folder, expected, prefix):
    tensors = {prefix + name: t for name, t in expected['text_encoder'].items()}
    # A buffer that old versions of transformers saved.
    tensors['text_model.embeddings.position_ids'] = torch.arange(77)[None]
    save_file(tensors, weights_of(folder, 'text_encoder'))
    encoder = FolderSource(folder).text_encoder(ARCHITECTURE)
    assert_equal(encoder.model.state_dict(), expected['text_encoder'])


@pytest.mark.parametrize('convolutions', [False, True])
def test_old_names_of_the_vae(folder, expected, convolutions):
    new_names = {
        'to_q': 'query',
        'to_k': 'key',
        'to_v': 'value',
        'to_out.0': 'proj_attn',
    }
    tensors = {}
    for name, tensor in expected['vae'].items():
        for new, old in new_names.items():
            if f'.{new}.' in name:
                name = name.replace(f'.{new}.', f'.{old}.')
                if convolutions and name.endswith('.weight'):
                    tensor = tensor[..., None, None]
        tensors[name] = tensor.contiguous()
    assert 'encoder.mid_block.attentions.0.proj_attn.weight' in tensors
    save_file(tensors, weights_of(folder, 'vae'))
    assert_equal(FolderSource(folder).state_dict('vae', ARCHITECTURE), expected['vae'])


def test_weights_of_a_perceptor_are_no_backbone(folder):
    UNet2DConditionModel(**tiny.UNET | dict(in_channels=8)).save_pretrained(
        folder / 'unet'
    )
    architecture = load_architecture(
        tiny.ARCHITECTURE | dict(unet=tiny.UNET | dict(in_channels=4))
    )
    with pytest.raises(WeightsError, match='in_channels=8, .* DiffusionPerceptor'):
        FolderSource(folder).state_dict('unet', architecture)


@pytest.mark.parametrize(
    ('related', 'stranger'),
    [
        (dict(class_embed_type='timestep'), 'class_embedding.linear_1.bias'),
        (dict(time_cond_proj_dim=8), 'time_embedding.cond_proj.weight'),
        (dict(transformer_layers_per_block=2), 'transformer_blocks.1.'),
    ],
    ids=['classes', 'LCM', 'SDXL'],
)
def test_related_unets_are_refused(folder, related, stranger):
    UNet2DConditionModel(**tiny.UNET | related).save_pretrained(folder / 'unet')
    unet = FeatureUNet.build(tiny.UNET)
    before = {name: tensor.clone() for name, tensor in unet.state_dict().items()}
    with pytest.raises(WeightsError, match=f'no place for .*{stranger}'):
        FolderSource(folder).load_into(unet, 'unet', ARCHITECTURE)
    assert_equal(unet.state_dict(), before)


@pytest.mark.parametrize(
    ('stranger', 'kind'),
    [
        ('text_model.encoder.layers.9.mlp.fc1.bias', 'deeper'),
        ('text_model.encoder.layers.0.self_attn.q_proj.lora_A.weight', 'adapted'),
        ('text_model.embeddings.position_embedding_res.weight', 'longer texts'),
    ],
)
def test_related_text_encoders_are_refused(folder, stranger, kind):
    path = weights_of(folder, 'text_encoder')
    tensors = load_file(path)
    # Projections and the tower of pictures belong to the same CLIP.
    others = (
        'text_projection.weight',
        'logit_scale',
        'vision_model.post_layernorm.bias',
    )
    tensors |= {name: torch.zeros(2) for name in others}
    save_file(tensors, path)
    FolderSource(folder).text_encoder(ARCHITECTURE)
    save_file(tensors | {stranger: torch.zeros(2)}, path)
    with pytest.raises(WeightsError, match='no place for 1 of its') as error:
        FolderSource(folder).text_encoder(ARCHITECTURE)
    assert stranger.removeprefix('text_model.') in str(error.value), kind


@pytest.fixture(params=[None, 'fp16'], ids=['full', 'fp16'])
def sharded(folder, expected, request):
    unet = UNet2DConditionModel.from_pretrained(folder / 'unet')
    weights_of(folder, 'unet').unlink()
    unet.save_pretrained(folder / 'unet', max_shard_size='1MB', variant=request.param)
    assert len(list((folder / 'unet').glob('*.safetensors'))) > 1
    return folder


def test_shards(sharded, expected):
    actual = FolderSource(sharded).state_dict('unet', ARCHITECTURE)
    assert_equal(actual, expected['unet'])


def test_missing_shard(sharded):
    shard = sorted((sharded / 'unet').glob('*.safetensors'))[-1]
    shard.unlink()
    with pytest.raises(WeightsError, match=f'{shard.name} does not exist'):
        FolderSource(sharded).state_dict('unet', ARCHITECTURE)


@pytest.mark.parametrize('content', ['', '{"metadata": {}}', '[]', '{"weight_map": 1}'])
def test_damaged_index(sharded, content):
    (index,) = (sharded / 'unet').glob('*index*')
    index.write_text(content)
    with pytest.raises(WeightsError, match=index.name):
        FolderSource(sharded).state_dict('unet', ARCHITECTURE)


def test_missing_part(folder):
    (folder / 'vae').rename(folder / 'other')
    with pytest.raises(WeightsError, match="no folder 'vae'"):
        FolderSource(folder).state_dict('vae', ARCHITECTURE)


@pytest.mark.parametrize('part', FILES)
def test_missing_weights(folder, part):
    weights_of(folder, part).unlink()
    with pytest.raises(WeightsError, match=rf'{part} holds no weights.*{FILES[part]}'):
        FolderSource(folder).state_dict(part, ARCHITECTURE)


def test_missing_config(folder):
    (folder / 'unet' / 'config.json').unlink()
    with pytest.raises(WeightsError, match=r'config\.json does not exist'):
        FolderSource(folder).state_dict('unet', ARCHITECTURE)


@pytest.mark.parametrize('content', ['{"in_channels": 4', '', '[]', '\x00'])
def test_damaged_config(folder, content):
    (folder / 'unet' / 'config.json').write_text(content)
    with pytest.raises(WeightsError, match=r'config\.json is no valid'):
        FolderSource(folder).state_dict('unet', ARCHITECTURE)


@pytest.mark.parametrize(
    'part, changes',
    [
        ('unet', dict(block_out_channels=[16, 32, 32, 32])),
        ('unet', dict(attention_head_dim=4)),
        ('unet', dict(use_linear_projection=True)),
        ('unet', dict(cross_attention_dim=24)),
        ('unet', dict(norm_num_groups=4)),
        ('vae', dict(latent_channels=16)),
        ('vae', dict(norm_num_groups=8)),
        ('text_encoder', dict(num_hidden_layers=3)),
        ('text_encoder', dict(hidden_act='gelu')),
    ],
    ids=str,
)
def test_another_architecture(folder, part, changes):
    """Also where the shapes would fit and only the numbers would be wrong."""
    edit_config(folder, part, **changes)
    ((key, value),) = changes.items()
    with pytest.raises(WeightsError) as error:
        FolderSource(folder).state_dict(part, ARCHITECTURE)
    assert f'{key}={value!r}' in str(error.value)
    assert "architecture 'custom'" in str(error.value)


def test_a_config_may_leave_out_what_is_the_default(folder):
    edit_config(folder, 'unet', use_linear_projection=None)
    assert FolderSource(folder).state_dict('unet', ARCHITECTURE)


def test_an_architecture_may_be_written_with_tuples(folder):
    """As Python configs do; JSON knows lists only."""
    unet = {k: tuple(v) if isinstance(v, list) else v for k, v in tiny.UNET.items()}
    architecture = load_architecture(tiny.ARCHITECTURE | dict(unet=unet))
    assert FolderSource(folder).state_dict('unet', architecture)


def test_weights_that_do_not_fit_their_config(folder):
    vae = AutoencoderKL(**tiny.VAE | dict(layers_per_block=2))
    save_file(vae.state_dict(), weights_of(folder, 'vae'))
    other = ImageEncoder.build(tiny.VAE | dict(block_out_channels=[8, 8, 8, 8]))
    with pytest.raises(WeightsError, match=r'vae of .*model does not fit'):
        FolderSource(folder).load_into(other, 'vae', ARCHITECTURE)


def test_truncated_weights(folder):
    path = weights_of(folder, 'unet')
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WeightsError, match='truncated or damaged'):
        FolderSource(folder).state_dict('unet', ARCHITECTURE)


def test_a_package_without_the_weights_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(f'{MODULE}._SHIPPED_FOLDER', tmp_path)
    with pytest.raises(WeightsError, match="pretrained='mini' names weights that"):
        shipped_folder('mini')
    # Half of a folder is none.
    tiny.write_folder(tmp_path / 'mini')
    with pytest.raises(WeightsError, match='tools/pretrain_mini.py'):
        open_prior('mini')


def test_the_name_finds_them(tmp_path, monkeypatch):
    monkeypatch.setattr(f'{MODULE}._SHIPPED_FOLDER', tmp_path)
    folder = tiny.write_folder(tmp_path / 'mini')
    (folder / 'model_index.json').write_text('{}')
    assert SHIPPED == ('mini',)
    assert shipped_folder('mini') == folder
    assert open_prior('mini').location == str(folder)


def test_a_local_folder_of_that_name_is_named_by_its_path(tmp_path, monkeypatch):
    tiny.write_folder(tmp_path / 'mini')
    monkeypatch.chdir(tmp_path)
    assert open_prior('./mini').location == 'mini'
