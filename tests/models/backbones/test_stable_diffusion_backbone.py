import warnings
from math import ceil

import pytest
import torch
from mmengine.registry import MODELS

from diffmm.diffusion import load_architecture
from tests import tiny

STRIDES = (8, 16, 32, 64)
CHANNELS = (16, 16, 32, 32)
NAMES = len(tiny.CLASSES)


@pytest.fixture(scope='module')
def backbone():
    return tiny.build_backbone(attention=dict(max_size=32))


def test_it_builds_from_a_dict_with_the_defaults_of_sd15():
    config = tiny.backbone_config()
    del config['arch']
    with torch.device('meta'):
        backbone = MODELS.build(config)
    assert backbone.architecture == load_architecture('sd15')
    assert [info.channels for info in backbone.feature_info] == [320, 640, 1280, 1280]
    assert backbone.prompt.embeddings.shape == (NAMES, 768)


@pytest.mark.parametrize(
    'size', [(64, 64), (448, 576), (500, 333), (512, 512), (100, 64)]
)
def test_maps_have_the_size_of_the_image(backbone, size):
    """ceil(H / s) x ceil(W / s), whether or not a side is a multiple of 64."""
    with torch.no_grad():
        features = backbone(tiny.image(*size))
    for feature, info in zip(features, backbone.feature_info, strict=True):
        expected = tuple(ceil(side / info.stride) for side in size)
        assert feature.shape == (1, info.channels, *expected)
    padded = tuple(ceil(side / 64) * 8 for side in size)
    assert features.latents.shape == (1, 4, *padded)
    assert features.context.shape == (1, NAMES, tiny.WIDTH)
    for stride, attention_map in features.attention_maps.items():
        expected = tuple(ceil(side / stride) for side in size)
        assert attention_map.shape == (1, NAMES, *expected)
        torch.testing.assert_close(attention_map.sum(1), torch.ones(1, *expected))


def test_padding_may_be_kept(backbone):
    """For heads that crop themselves; the cropped maps are its upper left part."""
    images = tiny.image(100, 170)
    padded = tiny.build_backbone(attention=dict(max_size=32), crop_padding=False)
    with torch.no_grad():
        kept, cropped = padded(images), backbone(images)
    for one, other, stride in zip(kept, cropped, STRIDES, strict=True):
        assert one.shape[-2:] == (128 // stride, 192 // stride)
        height, width = other.shape[-2:]
        torch.testing.assert_close(one[..., :height, :width], other)
    assert kept.attention_maps[16].shape == (1, NAMES, 8, 12)


def test_padding_is_mid_gray_at_the_right_and_the_bottom(backbone):
    images = tiny.image(100, 70)
    by_hand = torch.zeros(1, 3, 128, 128)
    by_hand[..., :100, :70] = images
    with torch.no_grad():
        assert torch.equal(backbone(images).latents, backbone(by_hand).latents)


@pytest.mark.parametrize(
    'attention, with_maps',
    [
        (None, ()),
        (dict(max_size=32), (16, 32)),
        (dict(max_size=64), (8, 16, 32)),
        (dict(stages=['mid'], max_size=8), (64,)),
        (dict(stages=['down']), (16, 32)),
        (dict(stages=['up', 'mid'], max_size=16), (32, 64)),
    ],
    ids=str,
)
def test_feature_info_is_what_forward_gives(attention, with_maps):
    backbone = tiny.build_backbone(attention=attention)
    assert tuple(info.stride for info in backbone.feature_info) == STRIDES
    features = backbone(tiny.image(64, 128, batch=2))
    assert tuple(features.attention_maps) == with_maps
    plain = tiny.build_backbone()(tiny.image(64, 128, batch=2))
    for level, info in enumerate(backbone.feature_info):
        extra = NAMES if info.stride in with_maps else 0
        assert info.channels == CHANNELS[level] + extra
        assert f'1/{info.stride}' in info.name
        feature = features[level]
        shape = (2, info.channels, 64 // info.stride, 128 // info.stride)
        assert feature.shape == shape
        # The features themselves stand first and do not depend on the capture.
        torch.testing.assert_close(feature[:, : CHANNELS[level]], plain[level])
        if extra:
            assert torch.equal(
                feature[:, CHANNELS[level] :], features.attention_maps[info.stride]
            )


def test_attention_scale_changes_the_channels_behind_the_features_alone():
    plain, scaled = (
        tiny.build_backbone(attention=dict(max_size=32), attention_scale=scale)(
            tiny.image()
        )
        for scale in (1.0, 8.0)
    )
    features, extra = plain[1].split([CHANNELS[1], NAMES], dim=1)
    torch.testing.assert_close(scaled[1], torch.cat([features, 8 * extra], dim=1))
    assert torch.equal(scaled.attention_maps[16], plain.attention_maps[16])


def test_word_pieces_lead_to_one_map_for_every_class():
    prompt = dict(type='ClassNamePrompt', classes=tiny.CLASSES, features='tokens')
    backbone = tiny.build_backbone(prompt=prompt, attention=dict(max_size=32))
    features = backbone(tiny.image())
    assert features.context.shape == (1, 6, tiny.WIDTH)
    assert features.attention_maps[16].shape[1] == NAMES
    assert features[1].shape[1] == backbone.feature_info[1].channels
    torch.testing.assert_close(features.attention_maps[16].sum(1), torch.ones(1, 4, 4))


def test_images_of_a_batch_do_not_mix(backbone):
    images = tiny.image(64, 128, batch=3)
    with torch.no_grad():
        together = backbone(images)
        alone = backbone(images[1:2])
    tiny.assert_same_features([feature[1:2] for feature in together], alone)


@pytest.mark.parametrize('size', [(63, 512), (512, 40), (8, 8)])
def test_a_small_image_is_quoted(backbone, size):
    with pytest.raises(ValueError, match=f'{size[0]}x{size[1]} is too small.*64'):
        backbone(torch.zeros(1, 3, *size))


def test_latent_scale(backbone):
    scaled = tiny.build_backbone(latent_scale=0.18215)
    images = tiny.image()
    expected = backbone(images).latents * 0.18215
    torch.testing.assert_close(scaled(images).latents, expected)


def test_latents_that_are_drawn_in_training_only(backbone):
    drawn = tiny.build_backbone(latent_sampling='sample_in_training')
    image, mean = tiny.image(), backbone(tiny.image()).latents
    assert torch.equal(drawn.eval()(image).latents, mean)
    torch.manual_seed(0)
    sampled = drawn.train()(image).latents
    assert not torch.allclose(sampled, mean)
    torch.manual_seed(0)
    drawn.latent_sampling = 'sample'
    assert torch.equal(drawn.eval()(image).latents, sampled)


def test_latent_sampling(backbone):
    sampling = tiny.build_backbone(latent_sampling='sample')
    images = tiny.image()
    first, second = sampling(images).latents, sampling(images).latents
    assert not torch.allclose(first, second, atol=1e-3)
    assert not torch.allclose(first, backbone(images).latents, atol=1e-3)
    assert torch.equal(backbone(images).latents, backbone(images).latents)


def test_timestep():
    images = tiny.image()
    one, later = (tiny.build_backbone(timestep=t)(images)[0] for t in (1, 500))
    assert not torch.allclose(one, later, atol=1e-3)


def test_the_image_encoder_is_frozen_and_stays_in_eval_mode(backbone):
    assert not any(p.requires_grad for p in backbone.vae.parameters())
    assert backbone.train() is backbone
    assert backbone.unet.training
    assert not any(module.training for module in backbone.vae.modules())
    assert not backbone(tiny.image()).latents.requires_grad


@pytest.mark.parametrize('dtype', ['bfloat16', 'float16'])
def test_dtype_of_the_image_encoder(backbone, dtype):
    half = tiny.build_backbone(vae_dtype=dtype)
    assert {p.dtype for p in half.vae.parameters()} == {getattr(torch, dtype)}
    assert {p.dtype for p in half.unet.parameters()} == {torch.float32}
    latents = half(tiny.image()).latents
    expected = backbone(tiny.image()).latents
    assert latents.dtype == torch.float32
    assert (latents - expected).abs().max() < 0.05 * expected.abs().max()


def test_autocast():
    backbone = tiny.build_backbone(attention=dict(max_size=32))
    images = tiny.image()
    expected = backbone(images)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        features = backbone(images)
    assert features[1].dtype == torch.bfloat16
    assert torch.equal(features.latents, expected.latents)
    tiny.assert_same_features([f.float() for f in features], expected, tolerance=0.1)


def test_a_wrong_range_is_said_once():
    backbone = tiny.build_backbone()
    with pytest.warns(UserWarning, match=r'\[-1, 1\] and got .*data_preprocessor'):
        backbone(tiny.image() * 2)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        backbone(tiny.image() * 2)


def test_the_right_range_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        tiny.build_backbone()(tiny.image())


@pytest.mark.parametrize(
    'options, message',
    [
        (dict(arch='sd3'), "'sd3'.*'sd15'"),
        (dict(latent_sampling='mean'), "latent_sampling .*'mode'.*got 'mean'"),
        (dict(vae_dtype='int8'), "vae_dtype .*'bfloat16'.*got 'int8'"),
        (dict(timestep=1000), r'timestep .*\[0, 1000\), got 1000'),
        (dict(timestep=-1), 'got -1'),
        (dict(refinement_steps=0), 'refinement_steps must be at least 1, got 0'),
        (dict(trainable='decoder'), "trainable .*got 'decoder'"),
        (dict(attention=dict(max_size=48)), 'max_size .*got 48'),
        (dict(attention=dict(stages=['top'])), 'top'),
        (dict(prompt=dict(type='ClassNamePrompt')), 'no class names are known'),
        (
            dict(prompt=dict(type='ClassNamePrompt', classes=['a'], template='x')),
            "template set 'x'",
        ),
    ],
    ids=str,
)
def test_bad_options_are_quoted(options, message):
    with pytest.raises(ValueError, match=message):
        tiny.build_backbone(**options)


@pytest.mark.parametrize('timestep', [0, 999])
def test_the_first_and_the_last_timestep(timestep):
    assert tiny.build_backbone(timestep=timestep).timestep == timestep


def test_three_levels():
    """Attention levels follow from the blocks: here only the two finest have any."""
    unet = tiny.UNET | dict(
        block_out_channels=[16, 16, 32],
        down_block_types=['CrossAttnDownBlock2D'] * 2 + ['DownBlock2D'],
        up_block_types=['UpBlock2D'] + ['CrossAttnUpBlock2D'] * 2,
    )
    arch = tiny.ARCHITECTURE | dict(unet=unet)
    for attention in (dict(max_size=64), dict(stages=['mid', 'up'], max_size=32)):
        backbone = tiny.build_backbone(arch=arch, attention=attention)
        features = backbone(tiny.image(64, 128))
        assert [info.channels for info in backbone.feature_info] == [
            feature.shape[1] for feature in features
        ]
        assert [info.stride for info in backbone.feature_info] == [8, 16, 32]


def test_without_a_middle_block():
    arch = tiny.ARCHITECTURE | dict(unet=tiny.UNET | dict(mid_block_type=None))
    backbone = tiny.build_backbone(arch=arch, attention=dict(max_size=64))
    features = backbone(tiny.image())
    sum(feature.sum() for feature in features).backward()
    assert [info.channels for info in backbone.feature_info] == [
        feature.shape[1] for feature in features
    ]
    assert all(p.grad is not None for p in backbone.parameters() if p.requires_grad)


@pytest.mark.parametrize(
    ('unet', 'message'),
    [
        (dict(in_channels=8), 'in_channels=8 .* DiffusionPerceptor takes'),
        (dict(in_channels=9), 'in_channels=9'),
        (dict(mid_block_type='UNetMidBlock2D'), "type .'UNetMidBlock2D'."),
    ],
    ids=['8', '9', 'middle'],
)
def test_unets_of_another_kind_are_refused(unet, message):
    with pytest.raises(ValueError, match=message):
        tiny.build_backbone(arch=tiny.ARCHITECTURE | dict(unet=tiny.UNET | unet))


@pytest.mark.parametrize('checkpointing', [False, True])
def test_checkpointing_puts_memory_before_time(checkpointing):
    backbone = tiny.build_backbone(gradient_checkpointing=checkpointing)
    assert backbone.vae.keeps_freed_memory is not checkpointing
