"""An augmentation corrupts the noisy target, and leaves the rest alone."""

from __future__ import annotations

import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement

from diffmm.models.perceptors import TargetAugmentation, TargetTransform
from tests import tiny
from tests.models.perceptors.test_diffusion_perceptor import build, samples

BLUR = dict(type='BlurTarget')


@pytest.fixture(autouse=True)
def in_a_run(monkeypatch):
    """Random numbers belong to an iteration."""
    hub = MessageHub.get_current_instance()
    for name, value in (('seed', 5), ('iter', 3)):
        monkeypatch.setitem(hub.runtime_info, name, value)


def record(model):
    """Collects what the VAE, the objective and the UNet of a model get."""
    seen = dict(pictures=[], noisy=[])
    posterior, add_noise = model.vae.posterior, model.objective.add_noise

    def encode(pictures):
        seen['pictures'].append(pictures)
        return posterior(pictures)

    def make(*args, **kwargs):
        noisy = add_noise(*args, **kwargs)
        seen['noisy'].append((args, noisy))
        return noisy

    model.vae.posterior, model.objective.add_noise = encode, make
    model.unet.register_forward_pre_hook(
        lambda _, args: seen.setdefault('inputs', []).append(args[0])
    )
    return seen


def losses(model):
    batch = samples()
    return model.loss(tiny.image(64, 64, 2), batch)['loss_denoising']


def test_only_the_noisy_target_is_corrupted():
    """Condition, supervision, timesteps and noise are those without augmentation."""
    plain, model = build().train(), build().train()
    model.target_augmentation = TargetAugmentation([BLUR])
    clean, corrupted = record(plain), record(model)
    assert losses(plain) != losses(model)
    # One pass of the VAE: images, targets, corrupted targets.
    ((first,), (second,)) = clean['pictures'], corrupted['pictures']
    assert len(first) == 4 and len(second) == 6
    assert torch.equal(first, second[:4])
    assert not torch.allclose(second[2:4], second[4:])
    ((_, one),), ((arguments, other),) = clean['noisy'], corrupted['noisy']
    assert torch.equal(one.timesteps, other.timesteps)
    image, target = (
        x.chunk(2, 1) for x in (clean['inputs'][0], corrupted['inputs'][0])
    )
    torch.testing.assert_close(image[0], target[0])
    assert not torch.allclose(image[1], target[1])
    # Whatever is predicted, the target leads back to the clean latents.
    recovered = model.objective.recover_clean(
        other.target, other.latents, other.timesteps
    )
    torch.testing.assert_close(recovered, arguments[0], rtol=1e-3, atol=1e-3)
    naive = plain.objective.add_noise(arguments[1], None, other.timesteps)
    assert not torch.allclose(
        model.objective.recover_clean(naive.target, naive.latents, other.timesteps),
        arguments[0],
        rtol=1e-2,
        atol=1e-2,
    )


@pytest.mark.parametrize('space', ['prediction', 'sample'])
def test_intensity_0_changes_nothing_to_the_bit(space):
    options = dict(
        objective=dict(schedule=dict(prediction_type='v_prediction'), loss_space=space)
    )
    plain, model = build(**options).train(), build(**options).train()
    model.target_augmentation = TargetAugmentation([BLUR], intensity=0)
    results = []
    for each in (plain, model):
        loss = losses(each)
        loss.backward()
        results.append((loss, each.unet.conv_in.weight.grad))
    for one, other in zip(*results, strict=True):
        assert torch.equal(one, other)


class Shade(TargetTransform):
    """Darkens by what it draws."""

    def paint(self, picture, sample, intensity, generator):
        return picture - intensity * torch.rand((), generator=generator)


def shade(times, numbers=(0, 1), **options):
    TASK_UTILS.register_module(name='ShadeOfATest', module=Shade, force=True)
    augmentation = TargetAugmentation([dict(type='ShadeOfATest')], **options)
    batch = [BaseDataElement(metainfo=dict(sample_idx=n)) for n in numbers]
    pictures = torch.ones(len(batch), 3, 4, 4)
    rows, changed = augmentation(None, batch, pictures, times)
    return rows.tolist(), 1 - changed[:, 0, 0, 0]


def test_the_intensity_grows_with_the_timestep():
    rows, dark = shade([0.9, 0.0])
    assert rows == [0]
    for factor, time, options in (
        (1 / 3, 0.3, {}),
        (2, 0.9, dict(intensity=2)),
        (0.5, 0.9, dict(intensity=0.5)),
        (1 / 0.9, 0.3, dict(by_timestep=False)),
    ):
        _, other = shade([time, 0.0], **options)
        torch.testing.assert_close(other[0], dark[0] * factor)


def test_a_sample_is_corrupted_alike_in_any_batch():
    _, together = shade([0.9, 0.5])
    _, alone = shade([0.5], numbers=[1])
    assert torch.equal(together[1:], alone)


def test_transforms_for_several_tasks():
    augmentation = TargetAugmentation(dict(depth=[BLUR]))
    pictures = torch.rand(1, 3, 16, 16)
    sample = BaseDataElement(metainfo=dict(sample_idx=0, task='depth'))
    assert augmentation(None, [sample], pictures, [0.5])[0].tolist() == [0]
    sample.set_metainfo(dict(task='boxes'))
    with pytest.raises(ValueError, match=r"task 'boxes', .* for \['depth'\] alone"):
        augmentation(None, [sample], pictures, [0.5])


def test_a_blur_is_a_gaussian_of_the_shorter_side():
    picture = torch.zeros(3, 41, 60)
    picture[:, 20, 30] = 1
    blur = TASK_UTILS.build(dict(type='BlurTarget', sigma=0.1))
    blurred = blur.paint(picture, None, 0.5, None)
    assert blurred.sum().item() == pytest.approx(3, rel=1e-3)
    columns = torch.arange(60.0)
    profile = blurred[0].sum(dim=0)
    mean = (profile * columns).sum()
    deviation = (profile * (columns - mean) ** 2).sum().sqrt()
    assert deviation.item() == pytest.approx(0.05 * 41, rel=0.02)
    flat = torch.full((3, 20, 20), 0.7)
    torch.testing.assert_close(blur.paint(flat, None, 1.0, None), flat)
    assert blur.paint(picture, None, 1e-4, None) is picture


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(transforms=[]), r'list of corruptions, got \[\]'),
        (dict(transforms=BLUR), "got {'type': 'BlurTarget'}"),
        (dict(transforms='BlurTarget'), "list of corruptions, got 'BlurTarget'"),
        (dict(transforms=dict(depth=BLUR)), "got {'depth': {'type': 'BlurTarget'}}"),
        (dict(transforms=dict(depth=[])), r"got {'depth': \[\]}"),
        (dict(transforms=['BlurTarget']), "a TargetTransform.* got 'BlurTarget'"),
        (dict(transforms=[None]), 'a TargetTransform.* got None'),
        (
            dict(transforms=[dict(type='UniformTimesteps')]),
            "a TargetTransform.* got {'type': 'UniformTimesteps'}",
        ),
        (dict(transforms=[BLUR], intensity=-1), 'negative, got -1'),
        (dict(transforms=[BLUR], intensity=[0.5, 1]), r'one number.* got \[0.5, 1\]'),
        (dict(transforms=[BLUR], intensity='1'), "one number.* got '1'"),
        (dict(transforms=[BLUR], intensity=float('inf')), 'one number.* got inf'),
        (dict(transforms=[BLUR], by_timestep='no'), "True or False, got 'no'"),
        (dict(transforms=[dict(type='BlurTarget', sigma=0)]), 'finite, got 0'),
    ],
    ids=str,
)
def test_options_that_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        TargetAugmentation(**options)
