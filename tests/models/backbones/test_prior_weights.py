"""Where the backbone's weights come from, and what its checkpoints carry."""

import shutil
import warnings
from pathlib import Path

import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.registry import MODELS, init_default_scope
from mmengine.runner import load_checkpoint, save_checkpoint
from mmseg.structures import SegDataSample
from safetensors.torch import load_file

from diffmm.diffusion import WeightsError
from tests import tiny


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tiny.write_folder(tmp_path_factory.mktemp('model'))


def build(folder, **options):
    return MODELS.build(tiny.backbone_config(pretrained=str(folder), **options))


def initialized(folder, **options):
    return tiny.build_backbone(pretrained=str(folder), **options)


def saved(folder, part):
    return load_file(folder / part / 'diffusion_pytorch_model.safetensors')


def test_init_weights_reads_the_prior_and_encodes_the_names(folder):
    backbone = build(folder)
    noise = backbone.prompt.embeddings.clone()
    backbone.init_weights()
    for part in ('unet', 'vae'):
        expected = saved(folder, part)
        for name, tensor in getattr(backbone, part).state_dict().items():
            assert torch.equal(tensor, expected[name]), name
    assert not torch.allclose(backbone.prompt.embeddings, noise, atol=1e-2)
    assert not backbone.prompt.embeddings.requires_grad
    backbone(tiny.image())


def test_refinement_takes_the_pretrained_output_layer(folder):
    backbone = initialized(folder, refinement_steps=2, learned_timesteps=True)
    expected = saved(folder, 'unet')
    state = backbone.unet.state_dict()
    assert {'conv_norm_out.weight', 'conv_out.bias'} < set(state)
    for name, tensor in state.items():
        assert torch.equal(tensor, expected[name]), name


def test_learned_time_embeddings_are_part_of_complete_weights(folder):
    options = dict(refinement_steps=3, learned_timesteps=True)
    trained, fresh = initialized(folder, **options), build(folder, **options)
    state = trained.state_dict()
    assert state['time_embeddings'].shape == (3, 64)
    fresh.load_state_dict(state)
    assert torch.equal(fresh.time_embeddings, trained.time_embeddings)
    tiny.assert_same_features(fresh(tiny.image()), trained(tiny.image()), 0)
    del state['time_embeddings']
    incomplete = build(folder, **options)
    incomplete.load_state_dict(state, strict=False)
    with pytest.raises(RuntimeError, match='were never read'):
        incomplete(tiny.image())


def test_embeddings_file_wins_over_the_text_encoder(folder, tmp_path):
    embeddings = torch.randn(len(tiny.CLASSES), tiny.WIDTH)
    torch.save(embeddings, tmp_path / 'class_embeddings.pth')
    shutil.copytree(folder, tmp_path / 'model')
    shutil.rmtree(tmp_path / 'model' / 'text_encoder')
    prompt = dict(
        type='ClassNamePrompt',
        classes=tiny.CLASSES,
        embeddings=str(tmp_path / 'class_embeddings.pth'),
    )
    backbone = initialized(tmp_path / 'model', prompt=prompt)
    assert torch.equal(backbone.prompt.embeddings, embeddings)


def test_half_precision_image_encoder_loads_too(folder):
    vae = initialized(folder, vae_dtype='bfloat16').vae
    expected = saved(folder, 'vae')['encoder.conv_in.weight']
    assert torch.equal(vae.encoder.conv_in.weight, expected.bfloat16())


@pytest.mark.parametrize('loaded', [False, True], ids=['fresh', 'pretrained'])
@pytest.mark.parametrize('part', ['all', 'norm', 'none', dict(type='lora', rank=2)])
def test_what_trains(folder, part, loaded):
    options = dict(pretrained=str(folder)) if loaded else {}
    backbone = tiny.build_backbone(trainable=part, **options)
    names = {n for n, p in backbone.named_parameters() if p.requires_grad}
    prompt = {n for n in names if n.startswith('prompt.')}
    assert len(prompt) == 5  # the adapter: two layers and gamma
    unet = names - prompt
    assert all(name.startswith('unet.') for name in unet)
    if part == 'none':
        assert not unet
    elif part == 'all':
        assert len(unet) == len(list(backbone.unet.parameters()))
    else:
        kind = 'norm' if part == 'norm' else '.lora_'
        assert unet
        assert all(kind in name for name in unet)


def test_lora_sits_beside_the_pretrained_weights(folder):
    backbone = initialized(folder, trainable=dict(type='lora', rank=2))
    expected = saved(folder, 'unet')
    state = backbone.unet.state_dict()
    base = {
        name.replace('.base_layer', ''): tensor
        for name, tensor in state.items()
        if '.lora_' not in name
    }
    assert len(base) < len(state)
    assert all(torch.equal(tensor, expected[name]) for name, tensor in base.items())
    plain = initialized(folder)
    backbone.prompt.load_state_dict(plain.prompt.state_dict())
    images = tiny.image()
    tiny.assert_same_features(backbone(images), plain(images))


def test_no_forward_without_weights(folder):
    with pytest.raises(RuntimeError, match=f"'{folder}' were never read.*init_weights"):
        build(folder)(tiny.image())


def test_a_state_dict_is_weights(folder):
    trained, fresh = initialized(folder), build(folder)
    fresh.load_state_dict(trained.state_dict())
    images = tiny.image()
    tiny.assert_same_features(fresh(images), trained(images), 0)


def test_a_checkpoint_is_weights(folder, tmp_path):
    trained, fresh = initialized(folder), build(folder)
    path = str(tmp_path / 'x.pth')
    save_checkpoint(dict(state_dict=trained.state_dict(), meta={}), path)
    load_checkpoint(fresh, path, map_location='cpu')
    images = tiny.image()
    tiny.assert_same_features(fresh(images), trained(images), 0)


@pytest.mark.parametrize('kept', ['decode_head.', 'prompt.', 'unet.'])
def test_a_checkpoint_without_the_backbone_is_no_weights(folder, kept, tmp_path):
    """Loading is not strict, so the forward must notice."""
    state = initialized(folder).state_dict() | {'decode_head.bias': torch.zeros(2)}
    state = {k: v for k, v in state.items() if k.startswith(kept)}
    save_checkpoint(dict(state_dict=state, meta={}), str(tmp_path / 'x.pth'))
    backbone = build(folder)
    load_checkpoint(backbone, str(tmp_path / 'x.pth'), map_location='cpu')
    with pytest.raises(RuntimeError, match='were never read'):
        backbone(tiny.image())


def test_a_partial_checkpoint_after_init_weights_is_fine(folder):
    backbone = initialized(folder)
    backbone.load_state_dict({'prompt.adapter.gamma': torch.ones(16)}, strict=False)
    backbone(tiny.image())


def test_checkpoints_carry_no_text_encoder(folder):
    parts = {name.split('.')[0] for name in initialized(folder).state_dict()}
    assert parts == {'unet', 'vae', 'prompt'}
    prompt = initialized(folder).prompt.state_dict()
    assert {name.split('.')[0] for name in prompt} == {'embeddings', 'adapter'}


@pytest.mark.parametrize('removed', ['unet', 'vae', 'text_encoder'])
def test_incomplete_weights_fail_before_training(folder, tmp_path, removed):
    shutil.copytree(folder, tmp_path / 'model')
    shutil.rmtree(tmp_path / 'model' / removed)
    with pytest.raises(WeightsError, match=f'no folder {removed!r}'):
        build(tmp_path / 'model').init_weights()


@pytest.mark.parametrize('name', ['nonsense', 'missing.ckpt', 'owner/unknown-model'])
def test_unknown_weights_fail_before_training(name):
    with pytest.raises(WeightsError, match=name):
        build(name).init_weights()


@pytest.mark.parametrize(
    ('given', 'files'),
    [
        ('ab.safetensors', ('ab.safetensors',)),
        (Path('ab'), (Path('ab'),)),
        (['ab', Path('cd')], ('ab', Path('cd'))),
        ((), ()),
    ],
)
def test_what_is_read_is_passed_on(folder, monkeypatch, given, files):
    """A single file is no sequence of letters."""
    seen = []

    def recording(*arguments):
        seen.append(arguments)
        raise WeightsError('stop')

    monkeypatch.setattr('diffmm.models.backbones.prior_weights.open_prior', recording)
    for use_ema in (True, False):
        options = dict(use_ema=use_ema, lora=given, learned_words=given)
        with pytest.raises(WeightsError, match='stop'):
            build(folder, **options).init_weights()
    assert seen == [(str(folder), use_ema, files, files) for use_ema in (True, False)]


def test_images_are_checked_before_the_weights(folder):
    backbone = build(folder)
    with pytest.raises(ValueError, match='image of 63x80 is too small'):
        backbone(tiny.image(63, 80))
    with pytest.raises(ValueError, match=r'RGB of shape \(B, 3, H, W\), got \(1, 4'):
        backbone(torch.zeros(1, 4, 64, 64))


def test_the_range_of_images_is_looked_at_once(folder):
    backbone = initialized(folder)
    dark = tiny.image(64, 64) * 3
    with pytest.warns(UserWarning, match='RGB in .*-1, 1.* and got values in'):
        backbone(dark)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        backbone(dark)


def segmentor(folder):
    """mmseg's own model class around the backbone."""
    init_default_scope('mmseg')
    config = dict(
        type='mmseg.EncoderDecoder',
        data_preprocessor=dict(
            type='mmseg.SegDataPreProcessor',
            mean=[127.5] * 3,
            std=[127.5] * 3,
            bgr_to_rgb=True,
        ),
        backbone=tiny.backbone_config(
            pretrained=str(folder), attention=dict(max_size=32)
        ),
        decode_head=dict(
            type='mmseg.FCNHead',
            in_channels=16 + len(tiny.CLASSES),
            in_index=1,
            channels=8,
            num_classes=len(tiny.CLASSES),
            norm_cfg=dict(type='BN'),
        ),
        test_cfg=ConfigDict(mode='whole'),
    )
    return MODELS.build(config).eval()


def predict(model):
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (3, 100, 80), generator=generator, dtype=torch.uint8)
    sample = SegDataSample(
        metainfo=dict(img_shape=(100, 80), ori_shape=(100, 80), padding_size=[0] * 4)
    )
    (result,) = model.test_step(dict(inputs=[pixels], data_samples=[sample]))
    return result.seg_logits.data


def test_a_checkpoint_predicts_without_weights_text_encoder_and_network(
    tmp_path, monkeypatch
):
    folder = tiny.write_folder(tmp_path / 'model')
    trained = segmentor(folder)
    trained.init_weights()
    with torch.no_grad():  # what training changes
        for parameter in trained.parameters():
            if parameter.requires_grad:
                parameter.add_(0.01 * torch.randn_like(parameter))
    expected = predict(trained)
    assert expected.shape == (len(tiny.CLASSES), 100, 80)
    path = str(tmp_path / 'iter_1.pth')
    save_checkpoint(dict(state_dict=trained.state_dict(), meta={}), path)
    shutil.rmtree(folder)
    attempts = tiny.block_network(monkeypatch)
    restored = segmentor(folder)
    load_checkpoint(restored, path, map_location='cpu')
    assert torch.equal(predict(restored), expected)
    assert attempts == []
