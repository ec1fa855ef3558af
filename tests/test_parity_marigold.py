"""Our Marigold against the authors' released one, each quantity by itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.registry import METRICS, MODELS, TASK_UTILS, TRANSFORMS
from mmengine.structures import BaseDataElement, PixelData

from diffmm.diffusion.multi_resolution_noise import _standard_deviation, pyramid_noise
from diffmm.evaluation.aligned_depth_metric import align_depth
from diffmm.models.perceptors import Conditioning
from diffmm.models.perceptors.frames import latent_mask
from tests import parity, tiny
from tests.parity_generative import (
    GRADIENTS,
    TOLERANCE,
    array,
    assert_close,
    error,
    picture,
    tensor,
    to_input,
    write_folder,
)

V = dict(prediction_type='v_prediction')
# Both versions of Marigold.
SCHEDULES = dict(
    v10=V,
    v11=V | dict(rescale_betas_zero_snr=True, timestep_spacing='trailing'),
    sample=dict(prediction_type='sample'),
)


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp('marigold')
    return {n: write_folder(root / str(n), channels=n) for n in (4, 8)}


@pytest.fixture(scope='module')
def build(folders):
    """Builds a perceptor of the tiny model."""

    def build(version, channels=8, steps=10, **options):
        model = MODELS.build(
            dict(
                type='DiffusionPerceptor',
                arch=parity.ARCHITECTURE,
                pretrained=str(folders[channels]),
                codec=dict(type='AffineDepthCodec'),
                objective=dict(
                    schedule=SCHEDULES[version],
                    noise=dict(type='MultiResolutionNoise'),
                ),
                sampler=dict(steps=steps, set_alpha_to_one=False),
                **options,
            )
        )
        with tiny.quiet():
            model.init_weights()
        return model.eval()

    return build


@pytest.fixture(scope='module')
def models(build):
    return {version: build(version) for version in SCHEDULES}


@pytest.fixture(scope='module')
def model(models):
    return models['v10']


def test_widened_input_layer(build):
    model = build('v10', channels=4)
    layer = model.unet.conv_in
    assert layer.in_channels == 8
    assert_close(layer.weight, 'conv_in.weight')
    assert_close(layer.bias, 'conv_in.bias')
    latents = tensor('conv_in.latents8')
    assert_close(layer(latents), 'conv_in.out')
    # Two equal inputs give what one gave.
    target = latents[:, 4:]
    assert_close(layer(torch.cat([target, target], dim=1)), 'conv_in.base_out')


def test_normalization():
    depth = array('norm.depth_mm').astype(np.float32) / 1000
    results = dict(img=array('norm.rgb'), gt_depth_map=depth)
    results['seg_fields'] = ['gt_depth_map']
    measure, resize = (
        TRANSFORMS.build(config)
        for config in (
            dict(type='DepthQuantiles', depth_range=(1e-5, 65.0)),
            dict(type='NearestExactResize', scale=(64, 48)),
        )
    )
    results = measure.transform(results)
    assert_close(torch.tensor(results['depth_quantiles']), 'norm.quantiles')
    assert_target(results, 'norm.', 'norm.normalised')
    results = resize.transform(results)
    assert_close(to_input(results['img'])[0], 'norm.resized_rgb')
    assert_target(results, 'norm.resized_', 'norm.resized_normalised')


def assert_target(results, prefix, name):
    keys = ('depth_range', 'depth_quantiles')
    sample = BaseDataElement(
        gt_depth_map=PixelData(data=torch.from_numpy(results['gt_depth_map'])[None]),
        metainfo={key: results[key] for key in keys},
    )
    target = TASK_UTILS.build(dict(type='AffineDepthCodec')).encode([sample])
    assert torch.equal(target.valid[0], tensor(f'{prefix}valid'))
    for channel in target.pictures[0]:
        assert_close(channel[None], name)


@pytest.mark.parametrize('tag', ['noise_a', 'noise_b'])
def test_noise(tag):
    expected = tensor(f'{tag}.noise')
    strengths = tensor(f'{tag}.strength').expand(len(expected))
    generator = torch.Generator().manual_seed(int(array(f'{tag}.seed')))
    noise = pyramid_noise(tuple(expected.shape), strengths, generator)
    assert_close(noise / _standard_deviation(noise), f'{tag}.noise')


def test_empty_text(build, model):
    assert_close(model.prompt.embeddings[None], 'text.empty')
    padded = build('v10', prompt=dict(type='NullPrompt'))
    assert_close(padded.prompt.embeddings[None], 'text.empty77')


def test_unet(model):
    latents, timesteps = tensor('unet.latents8'), tensor('unet.t')
    context = model.prompt(len(latents))
    image, noisy = latents.chunk(2, dim=1)
    with torch.no_grad():
        out = model.denoise(Conditioning(image, context), noisy, timesteps)
    assert_close(out, 'unet.out')


def test_vae(model):
    image = to_input(array('vae.image'))
    conditioning, target = model.encode(image, image)
    for latents in (conditioning.image, target):
        assert_close(latents, 'vae.encoded')
    pictures = model.vae.draw(tensor('vae.latent'))
    assert_close(pictures, 'vae.decoded_rgb')
    decoded = tensor('vae.decoded_mean').clamp(-1, 1) / 2 + 0.5
    depth = model.read(tensor('vae.latent'), (64, 96))
    assert parity.relative_error(depth, decoded) < TOLERANCE


def step(model, timesteps=None):
    """Noisy latents, prediction and loss of the reference's micro-batch."""
    noisy = model.objective.add_noise(
        tensor('loss.target_latent'),
        timesteps=tensor('loss.t') if timesteps is None else timesteps,
        noise=tensor('loss.noise'),
    )
    image = tensor('loss.rgb_latent')
    conditioning = Conditioning(image, model.prompt(len(image)))
    predicted = model.denoise(conditioning, noisy.latents, noisy.timesteps)
    valid = latent_mask(tensor('loss.valid'), model.vae.stride)
    return noisy, predicted, model.objective.loss(predicted, noisy, valid)


@pytest.mark.parametrize(
    ('version', 'tag'),
    [('v10', 'loss_v'), ('v11', 'loss_v_zero_snr'), ('sample', 'loss_sample')],
)
def test_loss_and_its_gradients(models, version, tag):
    model = models[version]
    mask = latent_mask(tensor('loss.valid'), 8).expand(-1, 4, -1, -1)
    assert torch.equal(mask, tensor('loss.latent_valid'))
    assert mask.sum() == array(f'{tag}.n')
    model.zero_grad()
    noisy, predicted, loss = step(model)
    loss.backward()
    assert_close(noisy.latents, f'{tag}.noisy_latents')
    assert_close(noisy.target, f'{tag}.target')
    assert_close(predicted, f'{tag}.model_pred')
    assert_close(loss, f'{tag}.loss')
    unet = model.unet
    assert_close(unet.conv_in.weight.grad, f'{tag}.grad_conv_in', GRADIENTS)
    assert_close(unet.conv_out.bias.grad, f'{tag}.grad_conv_out_bias', GRADIENTS)


def test_mistakes_show(build, model):
    """What a re-implementation gets wrong most easily is far out of tolerance."""
    tag = 'loss_v.model_pred'
    wrong = dict(condition=dict(type='ImageCondition', image_first=False))
    assert error(step(build('v10', **wrong))[1], tag) > 0.1
    padded = build('v10', prompt=dict(type='NullPrompt'))
    assert error(step(padded)[1], tag) > 0.1
    assert error(step(model, tensor('loss.t') - 1)[1], tag) > 10 * TOLERANCE
    unscaled = build('v10', condition=dict(type='ImageCondition', scaled=False))
    conditioning, _ = unscaled.encode(to_input(array('vae.image')))
    assert error(conditioning.image, 'vae.encoded') > 1


def test_training(build):
    """The released trainer, with its own random numbers, for four steps."""
    steps, micro, batch, height, width, _ = array('train.settings').tolist()
    model = build('v11', channels=4)
    images, depths, masks = [], [], []
    for index in range(steps * micro * batch):
        images.append(to_input(picture(f'mg.train.image{index}', height, width)))
        grids = (
            parity.gaussian(f'mg.train.{name}{index}', (height // n, width // n))
            for name, n in (('depth', 8), ('valid', 16))
        )
        coarse, holes = (
            grid.repeat_interleave(n, 0).repeat_interleave(n, 1)[None, None]
            for grid, n in zip(grids, (8, 16), strict=True)
        )
        depths.append((0.6 * coarse).clamp(-1, 1))
        masks.append(holes > -1.2)
    optimizer = torch.optim.Adam(model.unet.parameters())
    for number, seed in enumerate(array('train.seeds')):
        rows = slice(number * batch, (number + 1) * batch)
        targets = torch.cat(depths[rows]).expand(-1, 3, -1, -1)
        conditioning, clean = model.encode(torch.cat(images[rows]), targets)
        generator = torch.Generator().manual_seed(int(seed))
        noisy = model.objective.add_noise(clean, generator=generator)
        assert noisy.timesteps.tolist() == array('train.t')[number].tolist()
        predicted = model.denoise(conditioning, noisy.latents, noisy.timesteps)
        valid = latent_mask(torch.cat(masks[rows]), 8)
        loss = model.objective.loss(predicted, noisy, valid)
        assert loss.item() == pytest.approx(array('train.loss')[number], rel=1e-4)
        (loss / micro).backward()
        if number % micro == micro - 1:
            optimizer.param_groups[0]['lr'] = array('train.lr')[number]
            optimizer.step()
            optimizer.zero_grad()
    assert_close(model.unet.conv_in.weight, 'train.conv_in_after')
    assert_close(model.unet.conv_out.bias, 'train.conv_out_bias_after')


@pytest.mark.parametrize('version', ['v10', 'v11'])
def test_sampling(models, version):
    model, tag = models[version], f'sample_{version}'
    image = to_input(array(f'{tag}.image'))
    steps = list(model.denoising_steps(image, tensor(f'{tag}.noise')))
    assert [s.timestep for s in steps] == array(f'{tag}.timesteps').tolist()
    assert_close(torch.cat([s.clean for s in steps]), f'{tag}.step_x0')
    assert_close(torch.cat([s.latents for s in steps]), f'{tag}.step_latent')
    size = image.shape[-2:]
    maps = torch.cat([model.read(s.clean, size)[0] for s in steps])
    assert_close(maps, f'{tag}.step_depth')
    depth = model.read(steps[-1].latents, size)[0, 0]
    assert_close(depth, f'{tag}.depth')
    assert_close(depth, f'{tag}.depth_released')


def test_ensemble():
    members = tensor('ens.maps')[:, None]

    def merge(**options):
        ensemble = TASK_UTILS.build(dict(type='DepthEnsemble', size=5, **options))
        return (part[0] for part in ensemble.merge(members))

    depth, uncertainty = merge(max_iter=0)
    assert_close(depth, 'ens.init_only')
    assert_close(uncertainty, 'ens.init_only_uncertainty')
    # The optimizer is limited by rounding: see DepthEnsemble.
    for name, options in (
        ('diffusers', {}),
        ('released', dict(max_iter=50, tol=1e-6)),
    ):
        depth, uncertainty = merge(**options)
        assert_close(depth, f'ens.{name}', 5e-2)


def test_alignment_and_errors():
    target, valid = tensor('metrics.gt'), tensor('metrics.valid')
    aligned = align_depth(tensor('metrics.prediction'), target, valid)
    assert_close(aligned, 'metrics.aligned')
    # The reference cuts predictions at 10 m and scores all of its mask.
    metric = METRICS.build(dict(type='PerImageDepthMetric', max_depth_eval=30))
    sample = dict(
        pred_depth_map=dict(data=aligned.clamp(1e-3, 10)[None]),
        gt_depth_map=dict(data=torch.where(valid, target, 0)[None]),
    )
    metric.process({}, [sample])
    found = metric.results[0]
    # The reference has two more. Its silog has no factor 1/2, unlike the host's.
    names = 'abs_rel sq_rel rmse rmse_log log10 d1 d2 d3'.split()
    for name, expected in zip(names, array('metrics.metrics').tolist(), strict=False):
        assert float(found[name]) == pytest.approx(expected, rel=1e-4), name
