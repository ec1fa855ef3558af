"""Our InstructPix2Pix, and referring segmentation with it, against released code."""

from __future__ import annotations

import json
from itertools import count

import numpy as np
import pytest
import torch
from diffusers.schedulers import scheduling_euler_ancestral_discrete
from mmengine.registry import METRICS, MODELS, TASK_UTILS
from mmengine.structures import BaseDataElement, PixelData

from diffmm.datasets.coco_segmentation import decode_union
from diffmm.diffusion import InstructGuidance
from diffmm.diffusion.guidance import CORRECTION, EMPTY, TARGET, Branch
from diffmm.diffusion.tokenizer import MAX_TOKENS, pad_token_ids
from diffmm.evaluation.referring_iou_metric import resize_nearest
from diffmm.models.perceptors import ConditionDropout, conditional_denoiser
from diffmm.structures import ConditionedImages
from tests import parity, tiny
from tests.parity_generative import (
    GRADIENTS,
    TOLERANCE,
    array,
    to_input,
    write_folder,
)

# Guidance of 7.5 enlarges rounding.
SAMPLING = 1e-3
NOTHING = Branch(image=False, text=EMPTY)
IMAGE = Branch(image=True, text=EMPTY)
WHOLE = Branch(image=True, text=TARGET)
DENIED = Branch(image=True, text=CORRECTION)
BLIND = Branch(image=False, text=TARGET)


def tensor(name: str) -> torch.Tensor:
    return torch.from_numpy(array(name, 'ip2p'))


def assert_close(actual, expected, tolerance=TOLERANCE):
    if isinstance(expected, str):
        expected = tensor(expected)
    expected = torch.as_tensor(expected).float()
    actual = torch.as_tensor(actual).detach().float()
    assert actual.shape == expected.shape
    found = parity.relative_error(actual, expected)
    assert found < tolerance, f'off by {found:.1e}'


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp('pix2pix')
    return {n: write_folder(root / str(n), channels=n) for n in (4, 8)}


@pytest.fixture(scope='module')
def build(folders):
    """Builds the perceptor of the tiny model, as InstructPix2Pix is by default."""

    def build(channels=8, **options):
        sampler = dict(steps=10, set_alpha_to_one=False)
        model = MODELS.build(
            dict(
                type='InstructPerceptor',
                arch=parity.ARCHITECTURE,
                pretrained=str(folders[channels]),
                codec=dict(type='WhiteMaskCodec'),
                sampler=sampler | options.pop('sampler', {}),
                dropout={},
                **options,
            )
        )
        with tiny.quiet():
            model.init_weights()
        return model.eval()

    return build


@pytest.fixture(scope='module')
def model(build):
    return build()


def test_widened_input_layer(build):
    layer = build(channels=4).unet.conv_in
    assert_close(layer.weight, 'conv_in.weight')
    assert_close(layer.bias, 'conv_in.bias')
    assert_close(layer(tensor('conv_in.latents8')), 'conv_in.out')


def fixed_noise(monkeypatch, noise):
    """Lets the VAE's posterior draw the noise of the reference."""
    monkeypatch.setattr(conditional_denoiser, 'randn_tensor', lambda *_: noise)


def test_latents(model, monkeypatch):
    """The image's are the unscaled mode, the target's are drawn and scaled."""
    fixed_noise(monkeypatch, tensor('encode.eps'))
    image = to_input(array('encode.image', 'ip2p'))
    found = model.encode_pictures(image, image, generators=[torch.Generator()])
    assert_close(found[0], 'encode.image_cond')
    assert_close(found[1], 'encode.target')


def test_text(model):
    prompts = array('text.prompts', 'ip2p').tolist()
    ids, _ = pad_token_ids(prompts, model.prompt.text_encoder.pad_token_id, MAX_TOKENS)
    assert torch.equal(torch.as_tensor(ids), tensor('text.ids'))
    assert_close(model.prompt(len(prompts), prompts), 'text.encoded')
    assert_close(model.prompt(1, ['']), 'text.null')


def test_dropout():
    no_text, no_image = ConditionDropout()(tensor('dropout.u'))
    assert torch.equal(no_text, tensor('dropout.text_dropped'))
    assert torch.equal(no_image, tensor('dropout.image_dropped'))


def pictures(name):
    return torch.cat([to_input(image) for image in array(name, 'ip2p')])


def test_loss_and_its_gradients(model, monkeypatch):
    fixed_noise(monkeypatch, tensor('loss.eps_posterior'))
    prompts = array('loss.prompts', 'ip2p').tolist()
    dropped = model.dropout(tensor('loss.u'))
    for found, name in zip(dropped, ('text_dropped', 'image_dropped'), strict=True):
        assert torch.equal(found, tensor(f'loss.{name}'))
    monkeypatch.setattr(model.dropout, 'draw', lambda _: dropped)
    images = ConditionedImages(pictures('loss.images'), prompts)
    conditioning, clean = model.encode(
        images, pictures('loss.edited'), [torch.Generator()] * len(images)
    )
    assert_close(clean, 'loss.target_latent')
    assert_close(conditioning.image, 'loss.image_latent')
    assert_close(conditioning.context, 'loss.context')
    noisy = model.objective.add_noise(
        clean, timesteps=tensor('loss.t'), noise=tensor('loss.noise')
    )
    model.zero_grad()
    predicted = model.denoise(conditioning, noisy.latents, noisy.timesteps)
    assert_close(predicted, 'loss.prediction')
    errors = model.objective.errors(predicted, noisy)
    assert_close(errors.mean(dim=(1, 2, 3)), 'loss.loss_per_sample')
    loss = model.objective.loss(predicted, noisy)
    assert_close(loss, 'loss.loss')
    loss.backward()
    unet = model.unet
    assert_close(unet.conv_in.weight.grad, 'loss.grad_conv_in', GRADIENTS)
    assert_close(unet.conv_out.bias.grad, 'loss.grad_conv_out_bias', GRADIENTS)


def combine(guidance, branches, predictions):
    return guidance.combine(torch.stack(predictions), branches, 500)


def test_guidance():
    text, image = array('guidance.scales', 'ip2p').tolist()
    branches = (WHOLE, IMAGE, NOTHING)
    # The reference's order of the batch; ours is the other way round.
    assert InstructGuidance(text, image).branches() == branches[::-1]
    sees = [[branch.text == TARGET, branch.image] for branch in branches]
    assert sees == tensor('guidance.branch_has_text_image').bool().tolist()
    predictions = [tensor(f'guidance.{n}') for n in ('full', 'image_only', 'uncond')]
    found = combine(InstructGuidance(text, image), branches, predictions)
    assert_close(found, 'guidance.out')
    predictions[2] = tensor('guidance.text_only')
    guidance = InstructGuidance(text, image, rule='instruct_diffusion')
    found = combine(guidance, (WHOLE, IMAGE, BLIND), predictions)
    assert_close(found, 'guidance.out_instructdiffusion')


def test_correctional_guidance():
    branches = (NOTHING, IMAGE, DENIED, WHOLE)

    def guide(weights, **changed):
        image, denied, text = weights
        names = dict(zip(branches, ('uncond', 'image', 'corr', 'text'), strict=True))
        predictions = [
            torch.from_numpy(array(f'e_{changed.get(n, n)}', 'guide'))
            for n in names.values()
        ]
        return combine(
            InstructGuidance(text, image, text - denied), branches, predictions
        )

    rows = array('weights', 'guide').tolist()
    for row, expected in zip(rows, array('out', 'guide'), strict=True):
        assert_close(guide(row), expected)
    image, _, text = rows[0]
    same = array('identity.same_weights', 'guide')
    assert_close(guide((image, text, text)), same)
    for name, weights, changed in (
        ('corr_is_empty', rows[0], dict(corr='image')),
        ('all_ones', (1, 1, 1), {}),
        ('corr_is_text', rows[0], dict(corr='text')),
    ):
        expected = array(f'identity.{name}', 'guide')
        assert_close(guide(weights, **changed), expected)


EULER = dict(scheduler='EulerDiscreteScheduler', timestep_spacing='linspace')
ANCESTRAL = EULER | dict(scheduler='EulerAncestralDiscreteScheduler')


@pytest.mark.parametrize(
    ('tag', 'sampler'),
    [('sample_ddim', {}), ('sample_ddim_weak', {}), ('sample_euler', EULER)],
)
def test_sampling(build, tag, sampler, monkeypatch):
    text, image_scale = array(f'{tag}.scales', 'ip2p').tolist()
    model = build(sampler=sampler, guidance=dict(text=text, image=image_scale))
    guided = []
    run = model._denoise_guided

    def record(*arguments):
        guided.append(run(*arguments))
        return guided[-1]

    monkeypatch.setattr(model, '_denoise_guided', record)
    image = to_input(array(f'{tag}.image', 'ip2p'))
    images = ConditionedImages(image, [str(array(f'{tag}.prompt', 'ip2p'))])
    steps = list(model.denoising_steps(images, tensor(f'{tag}.noise')))
    assert_close([s.timestep for s in steps], f'{tag}.timesteps')
    assert_close(torch.cat(guided), f'{tag}.step_guided', SAMPLING)
    assert_close(torch.cat([s.clean for s in steps]), f'{tag}.step_x0', SAMPLING)
    assert_close(torch.cat([s.latents for s in steps]), f'{tag}.step_latent', SAMPLING)
    picture = model.vae.draw(steps[-1].latents)[0].permute(1, 2, 0)
    assert_close((picture / 2 + 0.5).clamp(0, 1), f'{tag}.out', SAMPLING)
    scheduler = model.sampler.build_scheduler()
    scheduler.set_timesteps(10)
    assert_close(scheduler.init_noise_sigma, f'{tag}.init_sigma')
    if sampler:
        assert_close(scheduler.sigmas, f'{tag}.sigmas')
        assert_close(steps[-1].latents, f'{tag}.released_latent', SAMPLING)


def test_ancestral_sampling(build, monkeypatch):
    """InstructPix2Pix's own sampler, with the reference's noise of every step."""
    tag = 'sample_euler'
    text, image_scale = array(f'{tag}.scales', 'ip2p').tolist()
    model = build(sampler=ANCESTRAL, guidance=dict(text=text, image=image_scale))
    noise = tensor(f'{tag}.noise')
    names = (f'ip2p.{tag}.ancestral{number}' for number in count())
    monkeypatch.setattr(
        scheduling_euler_ancestral_discrete,
        'randn_tensor',
        lambda shape, **_: torch.from_numpy(
            parity.random_state(next(names)).standard_normal(shape)
        ).float(),
    )
    image = to_input(array(f'{tag}.image', 'ip2p'))
    images = ConditionedImages(image, [str(array(f'{tag}.prompt', 'ip2p'))])
    *_, last = model.denoising_steps(images, noise)
    assert_close(last.latents, f'{tag}.released_ancestral_latent', SAMPLING)


def ris(name):
    return array(name, 'ris')


def test_union_of_polygons():
    polygons = json.loads(str(ris('union.polygons')))
    height, width = ris('union.hw').tolist()
    found = decode_union(polygons, height, width)
    assert np.array_equal(found, ris('union.union'))
    assert np.array_equal(found, ris('union.summed') > 0)
    assert found.sum() < ris('union.summed').sum()  # it counts overlaps twice
    assert not np.array_equal(found, ris('union.released_binary'))


def test_metric():
    height, width = ris('metric.hw').tolist()
    masks, predictions = (
        torch.from_numpy(np.unpackbits(ris(f'metric.{name}'), axis=-1)[..., :width])
        for name in ('masks', 'predictions')
    )
    assert masks.shape[1:] == (height, width)
    metric = METRICS.build(dict(type='ReferringIoUMetric', frames=['original']))
    metric.process(
        {},
        [
            dict(gt_sem_seg=dict(data=mask[None]), pred_sem_seg=dict(data=own[None]))
            for mask, own in zip(masks, predictions, strict=True)
        ],
    )
    counts = np.array(metric.results)[:, 0]
    assert np.array_equal(counts[:, 0], ris('metric.intersection'))
    assert np.array_equal(counts[:, 1], ris('metric.union'))
    assert_close(counts[:, 0] / np.maximum(counts[:, 1], 1), ris('metric.iou'))
    found = list(metric.evaluate(len(masks)).values())
    assert_close(found, ris('metric.result'))
    assert_close(found[1::-1], ris('metric.training_time_miou_oiou'))


def test_resized_mask():
    mask = torch.from_numpy(ris('resize.mask'))[None]
    assert np.array_equal(resize_nearest(mask, (48, 48))[0], ris('resize.out48'))


@pytest.mark.parametrize(('name', 'opacity'), [('opaque', 1.0), ('half', 0.5)])
def test_overlays(name, opacity):
    tag = f'overlay_{name}'
    codec = dict(type='OverlayMaskCodec', opacity=opacity)
    by_projection = TASK_UTILS.build(codec)
    by_color = TASK_UTILS.build(codec | dict(rule='color'))
    image = to_input(ris(f'{tag}.image'))
    mask = torch.from_numpy(ris(f'{tag}.mask'))[None].byte()
    sample = BaseDataElement(gt_sem_seg=PixelData(data=mask))
    painted = by_projection.encode([sample], image).pictures
    # The reference cuts to eight bits.
    encoded = ris(f'{tag}.encoded').astype(np.float32)
    ours = ((painted[0] + 1) * 127.5).permute(1, 2, 0).numpy()
    assert -1e-3 < (ours - encoded).min() and (ours - encoded).max() < 1
    wrong = {}
    for level in (0, 8, 24):
        noise = parity.random_state(f'ris.{tag}.noise').standard_normal(encoded.shape)
        noisy = np.clip(np.rint(encoded + level * noise), 0, 255).astype(np.uint8)
        pictures, own = to_input(noisy), f'{tag}.noise{level}'
        share = by_projection.decode(pictures, image)[0, 0]
        expected = torch.from_numpy(ris(f'{own}.alpha')) / opacity
        assert_close(share, expected.clamp(0, 1))
        rule = ris(f'{own}.projection_rule')
        assert np.array_equal(share > by_projection.threshold, rule)
        colored = by_color.decode(pictures)[0, 0] > 0
        assert np.array_equal(colored, ris(f'{own}.threshold_rule'))
        wrong[level] = [
            (found != mask[0].bool().numpy()).mean()
            for found in (rule, colored.numpy())
        ]
    # Things that are red by nature.
    assert wrong[0][0] < 0.01 and wrong[0][1] > 0.1
