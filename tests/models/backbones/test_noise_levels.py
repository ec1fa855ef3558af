"""Noise that belongs to the image, stages, and several timesteps."""

import multiprocessing

import pytest
import torch

from diffmm.models.backbones.noise_levels import seeds_of_images
from tests import tiny

STAGES = {
    'down': [16, 16, 32, 32],
    'up': [16, 16, 32, 32],
    'down+mid': [16, 16, 32, 32],
    'mid+up': [32, 32, 32, 32],
    'all': [32, 48, 48, 32],
}
NOISY = dict(noise='ddpm', timestep=200, latent_scale=0.18215)


def images():
    return torch.cat([tiny.image(64, 96), tiny.image(64, 96).flip(-1)])


@pytest.mark.parametrize('stage', STAGES)
@pytest.mark.parametrize('size', [(64, 64), (100, 72)])
def test_stages_have_the_strides_and_channels_that_they_promise(stage, size):
    backbone = tiny.build_backbone(layers=stage, attention=dict(max_size=32))
    infos = backbone.feature_info
    extra = [0, 3, 3, 0]
    assert [info.channels for info in infos] == [
        sum(pair) for pair in zip(STAGES[stage], extra, strict=True)
    ]
    assert [info.stride for info in infos] == [8, 16, 32, 64]
    with torch.no_grad():
        maps = backbone(tiny.image(*size))
    for feature, info in zip(maps, infos, strict=True):
        sides = tuple(-(-side // info.stride) for side in size)
        assert feature.shape == (1, info.channels, *sides)


def test_layers_by_name_have_their_own_sizes():
    names = [
        'mid_block',
        'down_blocks.0.attentions.1',
        'down_blocks.1.attentions.0.transformer_blocks.0.attn2.map',
    ]
    backbone = tiny.build_backbone(layers=names)
    numbers = [(info.channels, info.stride) for info in backbone.feature_info]
    assert numbers == [(32, 64), (16, 8), (3, 16)]
    maps = backbone(tiny.image(100, 64))
    assert [tuple(each.shape[1:]) for each in maps] == [
        (32, 2, 1),
        (16, 13, 8),
        (3, 7, 4),
    ]
    sum(each.square().sum() for each in maps).backward()
    trained = {n: p for n, p in backbone.named_parameters() if p.requires_grad}
    assert not [name for name, each in trained.items() if each.grad is None]


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(layers='middle'), r"one of the stages .*got 'middle'"),
        (dict(layers=['mid']), "no layer 'mid'"),
        (dict(layers=['mid_block'] * 2), 'name each layer once'),
        (
            dict(layers=['mid_block.attentions.0.transformer_blocks.0.attn1.map']),
            'depend on the size of the image',
        ),
        (dict(timestep=1000), r'timestep must be in \[0, 1000\), got 1000'),
        (dict(timestep=(5, -1)), r'timestep must be in \[0, 1000\), got -1'),
        (dict(timestep='200'), "must be an integer, or a list .*got '200'"),
        (dict(timestep=(5, 2.5)), r'must be an integer, .*got \(5, 2.5\)'),
        (dict(timestep=(5, 5)), 'each timestep once'),
        (dict(noise='ddpm'), 'set latent_scale=0.18215'),
        (NOISY | dict(refinement_steps=2), 'do not go together'),
        (dict(timestep_fusion='sum'), "got 'sum'"),
    ],
)
def test_what_a_backbone_cannot_do_is_said(options, message):
    with pytest.raises(ValueError, match=message):
        tiny.build_backbone(**options)


def test_an_image_has_the_same_noise_in_every_batch_and_under_checkpointing():
    """A second forward is a resume: nothing about the noise is remembered."""
    backbone = tiny.build_backbone(layers='mid+up', **NOISY).train()
    batch = images()
    with torch.no_grad():
        expected = backbone(batch)
    torch.manual_seed(123)
    other = tiny.build_backbone(
        layers='mid+up', gradient_checkpointing=True, **NOISY
    ).train()
    alone = [other(each[None]) for each in batch.flip(0)][::-1]
    for index, features in enumerate(alone):
        tiny.assert_same_features(
            features, [each[index : index + 1] for each in expected]
        )
    assert not torch.equal(expected.latents[0], expected.latents[1])
    # The gradient under checkpointing recomputes with the same noise.
    grads = []
    for each in (backbone, other):
        each.zero_grad()
        sum(part.square().sum() for part in each(batch)).backward()
        grads.append(each.unet.conv_in.weight.grad)
    torch.testing.assert_close(*grads, rtol=1e-4, atol=1e-4)


def _features_of(index, queue):
    torch.manual_seed(index)
    torch.set_num_threads(1)
    backbone = tiny.build_backbone(layers='mid+up', **NOISY)
    with torch.no_grad():
        queue.put(backbone(images()[index : index + 1])[0].numpy())


def test_two_processes_give_their_images_the_noise_of_one():
    context = multiprocessing.get_context('fork')
    queues = [context.SimpleQueue() for _ in range(2)]
    workers = [
        context.Process(target=_features_of, args=(index, queue))
        for index, queue in enumerate(queues)
    ]
    for worker in workers:
        worker.start()
    found = torch.cat([torch.from_numpy(queue.get()) for queue in queues])
    for worker in workers:
        worker.join()
    backbone = tiny.build_backbone(layers='mid+up', **NOISY)
    with torch.no_grad():
        tiny.assert_same_features([found], backbone(images())[:1])


def test_seeds_survive_small_errors_of_normalization():
    batch = images()
    seeds = seeds_of_images(batch)
    rounded = (((batch + 1) * 127.5).round() / 127.5 - 1) * (1 + 1e-7)
    assert seeds_of_images(rounded) == seeds and len(set(seeds)) == 2


@pytest.mark.parametrize('fusion', ['mean', 'concat'])
def test_several_timesteps(fusion):
    options = NOISY | dict(attention=dict(max_size=32))
    both = tiny.build_backbone(
        **options | dict(timestep=(100, 300)), timestep_fusion=fusion
    )
    batch = images()
    with torch.no_grad():
        actual = both(batch)
        one, other = (
            tiny.build_backbone(**options | dict(timestep=step))(batch)
            for step in (100, 300)
        )
    for info, feature, *pair in zip(both.feature_info, actual, one, other, strict=True):
        expected = torch.cat(pair, 1)
        if fusion == 'mean':
            expected = sum(pair) / 2
        assert feature.shape[1] == info.channels
        torch.testing.assert_close(feature, expected, rtol=1e-4, atol=1e-4)
    maps = (one.attention_maps[16] + other.attention_maps[16]) / 2
    torch.testing.assert_close(actual.attention_maps[16], maps)


def test_inversion_trains_what_leads_to_the_maps_alone():
    backbone = tiny.build_backbone(
        layers='down',
        **NOISY | dict(noise=dict(type='ddim_inversion', steps=2)),
    )
    maps = backbone(tiny.image())
    sum(each.square().sum() for each in maps).backward()
    trained = {n: p for n, p in backbone.unet.named_parameters() if p.requires_grad}
    assert trained and not [n for n, each in trained.items() if each.grad is None]
    assert not any(name.startswith(('mid', 'up', 'conv_out')) for name in trained)
