"""ADDP's formulas, one-step models and Marigold's evaluation, each quantity by itself.

Of ADDP no code is released: its arrays are the formulas of the paper, computed apart.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from mmengine.registry import METRICS, MODELS, TASK_UTILS
from mmengine.structures import BaseDataElement, PixelData
from torch import Tensor

from diffmm.datasets.transforms.relative_depth import DepthQuantiles
from diffmm.diffusion import (
    DiffusionObjective,
    add_floor,
    build_schedule,
    describe_weights,
    incremental_r2,
    schedule_weights,
    spread_over_timesteps,
)
from diffmm.diffusion.contribution import _noise_ratio, find_owners
from diffmm.evaluation.aligned_depth_metric import align_depth
from diffmm.models.losses.aligned_depth_losses import fit_scale_and_shift
from diffmm.models.perceptors import Conditioning
from diffmm.models.perceptors.frames import latent_mask
from tests import parity, tiny
from tests.parity_generative import (
    GRADIENTS,
    TOLERANCE,
    picture,
    to_input,
    write_folder,
)
from tests.parity_generative import array as stored

ZERO_SNR = dict(rescale_betas_zero_snr=True)
SCHEDULES = dict(sd={}, sd_zero_snr=ZERO_SNR)


def tensor(name: str) -> Tensor:
    system, _, rest = name.partition('.')
    return torch.from_numpy(np.asarray(stored(rest, system)))


def close(found: Tensor, name: str, tolerance: float = TOLERANCE) -> None:
    expected = tensor(name).double()
    assert found.shape == expected.shape, name
    error = parity.relative_error(found.detach().double(), expected)
    assert error < tolerance, f'{name} is off by {error:.1e}'


# --- ADDP, section 3.1 ---------------------------------------------------------------


@pytest.mark.parametrize('name', SCHEDULES)
def test_contributions_of_the_schedule(name):
    schedule = build_schedule(SCHEDULES[name])
    close(schedule.alphas_cumprod, f'addp.{name}.alpha_bar')
    for reading in ('alpha_bar', 'alpha'):
        weights = schedule_weights(schedule, reading)
        close(weights, f'addp.{name}.c2_{reading}')
    close(statistics(schedule_weights(schedule)), f'addp.{name}.c2_stats', 1e-3)


def statistics(weights: Tensor) -> Tensor:
    """The nine figures of the reference; some of them are our description, too."""
    ours = describe_weights(weights)
    sums = [weights[a:b].sum() for a, b in ((500, 1000), (0, 200), (0, 100))]
    more = [weights.max() / weights.min()]
    last = [weights[999], weights[990:].sum()]
    return torch.tensor(
        [
            ours['mean_timestep'],
            ours['share_noisiest_fifth'],
            *sums,
            *more,
            ours['effective_timesteps'],
            *last,
        ],
        dtype=torch.float64,
    )


def test_statistics_of_the_literal_reading():
    weights = schedule_weights(build_schedule(), 'alpha')
    close(statistics(weights), 'addp.sd.c2_alpha_stats', 1e-3)


def test_limits_of_a_schedule_with_zero_snr():
    plain = build_schedule()
    for reading in ('alpha_bar', 'alpha'):
        limit = _noise_ratio(plain, reading)[-1]
        close(limit, f'addp.sd_zero_snr.cap_{reading}')


@pytest.mark.parametrize('floor', ['0.1', '0.5'])
def test_floors(floor):
    weights = add_floor(schedule_weights(build_schedule()), float(floor))
    close(weights, f'addp.sd.c2_alpha_bar_floor{floor}')


def test_incremental_r2():
    metric, final = tensor('addp.r2.metric'), tensor('addp.r2.other_final')
    increments = incremental_r2(metric)
    close(increments, 'addp.r2.increments', 1e-10)
    close(increments.cumsum(0), 'addp.r2.cumulative', 1e-10)
    close(incremental_r2(metric, final), 'addp.r2.increments_other_final', 1e-10)
    reversed_order = incremental_r2(metric.flip(1), metric[:, -1])
    close(reversed_order, 'addp.r2.increments_reversed_order', 1e-10)


@pytest.mark.parametrize('steps', [10, 12])
@pytest.mark.parametrize('spacing', ['leading', 'trailing'])
def test_spreading_over_the_schedule(steps, spacing):
    tag = f'addp.expand.s{steps}'
    masses = tensor(f'{tag}.c2')
    timesteps = tensor(f'{tag}.{spacing}.timesteps').tolist()
    rules = ('above', 'below') if spacing == 'leading' else ('below', 'above')
    for rule, name in zip(rules, ('main', 'other'), strict=True):
        part = f'{tag}.{spacing}.{name}'
        owner = find_owners(timesteps, 1000, rule)
        assert torch.equal(owner, tensor(f'{part}.owner'))
        weights = spread_over_timesteps(masses, timesteps, 1000, rule)
        close(weights, f'{part}.p', 1e-10)
        if name == 'main':
            for floor in ('0.1',) if steps == 10 else ('0.05', '0.2'):
                close(add_floor(weights, float(floor)), f'{part}.p_floor{floor}', 1e-10)


# --- ADDP, section 3.2 ---------------------------------------------------------------


def objective(kind: str, schedule: dict, space: str = 'prediction'):
    trained = DiffusionObjective(
        build_schedule(dict(prediction_type=kind)), loss_space=space
    )
    # An objective refuses to predict noise where nothing else is left. The formulas can
    # be compared all the same.
    trained.schedule = build_schedule(dict(prediction_type=kind, **schedule))
    return trained


@pytest.mark.parametrize('tag', ['aug', 'aug_zero_snr'])
@pytest.mark.parametrize(
    ('kind', 'name'), [('sample', 'x0'), ('epsilon', 'eps'), ('v_prediction', 'v')]
)
def test_targets_under_augmentation(tag, kind, name):
    trained = objective(kind, SCHEDULES[tag.replace('aug', 'sd')])
    clean, corrupted, noise, timesteps = (
        tensor(f'addp.{tag}.{key}') for key in ('x0', 'x0_aug', 'eps', 't')
    )
    noisy = trained.add_noise(clean, corrupted, timesteps, noise)
    close(noisy.latents, f'addp.{tag}.x_t')
    close(noisy.target, f'addp.{tag}.target_{name}')
    signal, scale = trained._levels(timesteps, clean)
    close((signal / scale).flatten(), f'addp.{tag}.eps_gain')
    if name == 'x0':
        return
    # The naive target leads back to the corrupted latents, and fails.
    naive = trained.add_noise(corrupted, None, timesteps, noise)
    close(naive.target, f'addp.{tag}.naive_{name}')
    rows = timesteps < 999
    pairs = (each.target[rows] for each in (noisy, naive))
    right, wrong = (
        trained.recover_clean(target, noisy.latents[rows], timesteps[rows])
        for target in pairs
    )
    assert parity.relative_error(right, clean[rows]) < 1e-3
    assert parity.relative_error(wrong, clean[rows]) > 0.1


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp('addp')
    return {n: write_folder(root / str(n), channels=n) for n in (4, 8)}


@pytest.mark.parametrize(
    ('tag', 'kind'), [('step', 'v'), ('step', 'epsilon'), ('step_zero_snr', 'v')]
)
def test_losses_under_augmentation(tag, kind):
    name = dict(v='v_prediction', epsilon='epsilon')[kind]
    schedule = SCHEDULES[tag.replace('step', 'sd')]
    clean, noise = tensor('mg.loss.target_latent'), tensor('mg.loss.noise')
    timesteps = tensor('mg.loss.t')
    corrupted = clean + 0.4 * tensor(f'addp.{tag}.corruption')
    valid = latent_mask(tensor('mg.loss.valid'), 8)
    predicted = tensor(f'addp.{tag}.network_out')
    part = f'addp.{tag}.{kind}'
    for space, key in (('prediction', kind), ('sample', 'x0')):
        trained = objective(name, schedule, space)
        noisy = trained.add_noise(clean, corrupted, timesteps, noise)
        close(noisy.latents, f'addp.{tag}.x_t')
        close(noisy.target, f'{part}.target')
        found = trained.recover_clean(predicted, noisy.latents, timesteps)
        close(found, f'{part}.x0_hat')
        errors = trained.errors(predicted, noisy)
        mask = valid.expand_as(errors)
        sums = torch.where(mask, errors, 0).flatten(1).sum(1)
        close(sums / mask.flatten(1).sum(1), f'{part}.{key}_loss_per_sample')
        if kind == 'v':
            close(trained.loss(predicted, noisy, valid), f'{part}.{key}_loss')
    if kind == 'v':
        trained = objective(name, schedule)
        naive = trained.add_noise(corrupted, None, timesteps, noise)
        close(trained.loss(predicted, naive, valid), f'{part}.naive_loss')
        assert abs(tensor(f'{part}.naive_loss') - tensor(f'{part}.v_loss')) > 1e-2


def test_the_network_of_the_step(folders):
    model = one_step(folders[8], dict(type='NullPrompt', padded=False))
    latents, image = tensor('addp.step.x_t'), tensor('mg.loss.rgb_latent')
    told = Conditioning(image, model.prompt(len(image)))
    with torch.no_grad():
        found = model.denoise(told, latents, tensor('mg.loss.t'))
    close(found, 'addp.step.network_out')
    with torch.no_grad():
        found = model.denoise(
            told, tensor('addp.step_zero_snr.x_t'), tensor('mg.loss.t')
        )
    close(found, 'addp.step_zero_snr.network_out')


# --- One step: E2E-FT and GenPercept -------------------------------------------------


def one_step(folder, prompt=None, **options):
    model = MODELS.build(
        dict(
            type='OneStepPerceptor',
            arch=parity.ARCHITECTURE,
            pretrained=str(folder),
            codec=dict(type='AffineDepthCodec'),
            prompt=prompt,
            objective=dict(
                schedule=dict(prediction_type='v_prediction'),
                timesteps=dict(type='UniformTimesteps', begin=999),
            ),
            losses=dict(aligned=dict(type='AlignedDepthLoss', meters=True)),
        )
        | options
    )
    with tiny.quiet():
        model.init_weights()
    return model.eval()


def genpercept(folder):
    return one_step(
        folder,
        timestep=1,
        clamp=False,
        condition=dict(type='ImageInput'),
        objective=dict(
            schedule=dict(prediction_type='v_prediction', trained_betas=[1.0] * 1000)
        ),
        losses=GENPERCEPT,
    )


GENPERCEPT = dict(
    squared=dict(type='SquaredDepthLoss'),
    aligned=dict(type='AlignedDepthLoss', positive=True, loss_weight=0.5),
    # As released.
    gradient=dict(type='DepthGradientLoss', directions=('vertical',), loss_weight=2.0),
)


def gray_samples(depth: Tensor, valid: Tensor) -> list[BaseDataElement]:
    """Data samples whose drawn target is a given gray, with the given mask."""
    samples = []
    for row, (gray, mask) in enumerate(zip(depth, valid, strict=True)):
        meters = torch.where(mask, gray + 2, 0.0)
        meta = dict(sample_idx=row, depth_range=(0.0, 10.0), depth_quantiles=(1.0, 3.0))
        samples.append(
            BaseDataElement(gt_depth_map=PixelData(data=meters), metainfo=meta)
        )
    return samples


def test_scale_shift_and_loss_of_e2e_ft():
    prediction, target, mask = (
        tensor(f'e2e.ssi.{key}') for key in ('prediction', 'target', 'mask')
    )
    scale, shift = fit_scale_and_shift(prediction, target, mask)
    close(scale, 'e2e.ssi.scale')
    close(shift, 'e2e.ssi.shift')
    loss = MODELS.build(dict(type='AlignedDepthLoss', meters=True))
    close(loss(prediction, prediction, mask, target), 'e2e.ssi.loss')


def test_target_of_e2e_ft():
    """Of valid pixels; what it puts in the place of the others does not count."""
    depth = tensor('e2e.target.depth_mm').float()[None] / 1000
    results = DepthQuantiles(depth_range=(1e-5, 65.0)).transform(
        dict(gt_depth_map=depth[0].numpy())
    )
    meta = {key: results[key] for key in ('depth_range', 'depth_quantiles')}
    sample = BaseDataElement(gt_depth_map=PixelData(data=depth), metainfo=meta)
    codec = TASK_UTILS.build(dict(type='AffineDepthCodec'))
    target = codec.encode([sample])
    valid = tensor('e2e.target.valid')
    assert torch.equal(target.valid[0], valid)
    gray = target.pictures.mean(dim=1, keepdim=True)
    meters = codec.to_meters([sample], gray)
    for found, name in ((meters, 'metric'), (gray, 'normalised')):
        expected = torch.where(valid, tensor(f'e2e.target.{name}'), 0)
        found = torch.where(valid, found[0], 0)
        assert parity.relative_error(found, expected) < TOLERANCE


def test_a_training_step_of_e2e_ft(folders):
    model = one_step(folders[8], dict(type='NullPrompt'))
    assert model.unet.config.in_channels == tensor('e2e.train.in_channels')
    images = torch.cat([to_input(each) for each in stored('train.images', 'e2e')])
    for row in range(2):
        name = f'e2e.train.image{row}'
        assert np.array_equal(
            picture(name, 64, 128), stored('train.images', 'e2e')[row]
        )
    conditioning = model.encode(images)[0]
    close(conditioning.image, 'e2e.train.rgb_latent')
    timesteps = model.objective.draw_timesteps(2)
    assert torch.equal(timesteps, tensor('e2e.train.t'))
    nothing = torch.zeros_like(conditioning.image)
    close(model.denoise(conditioning, nothing, timesteps), 'e2e.train.unet_out')
    clean = model.predict_clean(conditioning, timesteps)
    close(clean, 'e2e.train.x0_latent')
    gray = model.vae.draw(clean).mean(dim=1, keepdim=True).clamp(-1, 1)
    close(gray, 'e2e.train.estimate')
    depth, valid = tensor('e2e.train.depth'), tensor('e2e.train.valid')
    loss = model.losses['aligned'](gray, depth, valid, depth)
    close(loss, 'e2e.train.loss')
    loss.backward()
    gradients = [p.grad.norm() for p in model.unet.parameters()]
    close(torch.stack(gradients).norm(), 'e2e.train.grad_norm', GRADIENTS)


def test_inference_of_e2e_ft(folders):
    model = one_step(folders[8], dict(type='NullPrompt', padded=False))
    image = to_input(stored('infer.image', 'e2e'))
    (step,) = model.denoising_steps(image)
    assert step.timestep == tensor('e2e.infer.t').item()
    close(step.clean, 'e2e.infer.x0_latent')
    raw = model.read(step.clean, (64, 96))[0, 0]
    close(raw, 'e2e.infer.depth_raw')
    # The released code brings the result to [0, 1]; least squares takes that out.
    close((raw - raw.min()) / (raw.max() - raw.min()), 'e2e.infer.depth')
    assert torch.equal(model(image)[0, 0], raw)
    # Its scheduler's next latents, which nothing decodes, are others.
    other = tensor('e2e.infer.prev_latent')
    assert parity.relative_error(step.clean, other) < 0.1


def test_the_schedule_of_genpercept():
    trained = objective('v_prediction', dict(trained_betas=[1.0] * 1000))
    image, target = tensor('gp.xt.rgb_latent'), tensor('gp.xt.target_latent')
    noisy = trained.add_noise(target, None, tensor('gp.xt.t'), noise=image)
    close(noisy.latents, 'gp.xt.x_t')
    close(noisy.target, 'gp.xt.v_target')
    assert torch.equal(
        trained.recover_clean(noisy.target, noisy.latents, noisy.timesteps), target
    )


def test_losses_of_genpercept():
    prediction, target, mask = (
        tensor(f'gp.losses.{key}') for key in ('prediction', 'target', 'mask')
    )
    built = [MODELS.build(dict(each, loss_weight=1)) for each in GENPERCEPT.values()]
    found = torch.stack([loss(prediction, target, mask) for loss in built])
    close(found, 'gp.losses.mse_ssi_grad')
    total = sum(
        MODELS.build(each)(prediction, target, mask) for each in GENPERCEPT.values()
    )
    close(total, 'gp.losses.total')
    ramp = torch.arange(16.0).view(1, 1, 16, 1).expand(1, 1, 16, 16)
    whole = torch.ones_like(ramp).bool()
    ramps = [built[2](each, 0 * ramp, whole) for each in (ramp, ramp.mT)]
    close(torch.stack(ramps), 'gp.losses.gradient_of_ramps')


def test_a_training_step_of_genpercept(folders):
    model = genpercept(folders[4])
    images = torch.cat([to_input(each) for each in stored('train.images', 'gp')])
    depth, valid = tensor('gp.train.depth'), tensor('gp.train.valid')
    # Marigold's sequence of seeds, of which the first draws the timesteps.
    sequence = random.Random(int(stored('train.seed', 'gp')))
    seed = sequence.randint(-(2**63), 2**64 - 1)
    generator = torch.Generator().manual_seed(seed)
    timesteps = model.objective.draw_timesteps(2, generator)
    assert torch.equal(timesteps, tensor('gp.train.t'))
    conditioning = model.encode(images)[0]
    close(conditioning.image, 'gp.train.unet_in')
    nothing = torch.zeros_like(conditioning.image)
    close(model.denoise(conditioning, nothing, timesteps), 'gp.train.unet_out')
    clean = model.predict_clean(conditioning, timesteps)
    gray = model.vae.draw(clean).mean(dim=1, keepdim=True)
    close(gray, 'gp.train.estimate')
    weights = (1.0, 0.5, 2.0)
    parts = torch.stack(
        [
            loss(gray, depth, valid) / weight
            for loss, weight in zip(model.losses.values(), weights, strict=True)
        ]
    )
    close(parts, 'gp.train.mse_ssi_grad')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model.objective, 'timesteps', lambda *_: timesteps)
        losses = model.loss(images, gray_samples(depth, valid))
    total = sum(losses.values())
    close(total, 'gp.train.loss')
    total.backward()
    found = model.unet.conv_out.bias.grad
    close(found, 'gp.train.grad_conv_out_bias', GRADIENTS)


def test_inference_of_genpercept(folders):
    model = genpercept(folders[4])
    image = to_input(stored('infer.image', 'gp'))
    conditioning = model.encode(image)[0]
    nothing = torch.zeros_like(conditioning.image)
    timestep = torch.tensor([model.timestep])
    assert torch.equal(timestep.float(), tensor('gp.infer.t'))
    with torch.no_grad():
        close(model.denoise(conditioning, nothing, timestep), 'gp.infer.unet_out')
    (step,) = model.denoising_steps(image)
    close(step.clean, 'gp.infer.x0_latent')
    close(model.read(step.clean, (64, 96))[0, 0], 'gp.infer.depth')


# --- Marigold's evaluation -----------------------------------------------------------

METRICS_ORDER = 'abs_rel sq_rel rmse rmse_log log10 d1 d2 d3 i_rmse silog'.split()
EVALUATIONS = dict(
    nyu=dict(max_depth_eval=10.0, crop_type='nyu_crop'),
    kitti_eigen=dict(min_depth_eval=1e-5, max_depth_eval=80.0, crop_type='eigen_crop'),
    kitti_garg=dict(min_depth_eval=1e-5, max_depth_eval=80.0, crop_type='garg_crop'),
)
ALIGNMENTS = dict(
    least_square='depth', least_square_disparity='disparity', no_alignment='none'
)


def test_the_ten_errors():
    target, valid = tensor('mg.metrics.gt'), tensor('mg.metrics.valid')
    prediction = tensor('mg.metrics.prediction')
    aligned = align_depth(prediction, target, valid)
    assert parity.relative_error(aligned, tensor('mg.metrics.aligned')) < TOLERANCE
    scale, shift = fit_scale_and_shift(
        *(x.double()[None, None] for x in (prediction, target)), valid[None, None]
    )
    close(torch.cat([scale, shift]), 'mg.metrics.scale_shift')
    # The reference cuts predictions at 10 m and scores all of its mask.
    metric = METRICS.build(
        dict(
            type='AlignedDepthMetric',
            min_depth_eval=1e-3,
            max_depth_eval=1e3,
            clip_range=(1e-3, 10.0),
        )
    )
    found = measure(metric, prediction, torch.where(valid, target, 0))
    close(torch.tensor(found), 'mg.metrics.metrics')


def measure(metric, prediction: Tensor, target: Tensor) -> list[float]:
    metric.process(
        {},
        [
            dict(
                pred_depth_map=dict(data=prediction[None]),
                gt_depth_map=dict(data=target[None]),
            )
        ],
    )
    return [float(metric.results[-1][name]) for name in METRICS_ORDER]


def evaluation_maps(name: str, row: int) -> tuple[Tensor, Tensor]:
    """Prediction and depth of the recipe, cut to KITTI's benchmark."""
    kitti = name.startswith('kitti')
    base = 'mg.eval_kitti' if kitti else 'mg.eval_nyu'
    shape = (375, 1242) if kitti else (480, 640)
    median, spread, unit, quantile = (
        (15, 0.8, 256, 0.5) if kitti else (2.5, 0.5, 1000, -1.5)
    )

    def gauss(key: str) -> np.ndarray:
        return parity.random_state(f'{base}.{key}{row}').standard_normal(shape)

    depth = median * np.exp(spread * gauss('gt'))
    holes = gauss('holes') < quantile
    png = np.clip(np.rint(unit * np.where(holes, 0, depth)), 0, 65535)
    wrong = 0.6 * depth / (median * np.exp(3 * spread)) * np.exp(0.25 * gauss('err'))
    prediction = np.clip(0.1 + wrong, 0, 1).astype(np.float32)
    if kitti:
        left = (1242 - 1216) // 2
        region = np.s_[-352:, left : left + 1216]
        cut, prediction = png[region], prediction[region]
    else:
        cut = png
    sums = torch.tensor([png.sum(), prediction.astype(np.float64).sum()])
    expected = tensor(f'eval.{name}.input_sums')[row]
    torch.testing.assert_close(sums, expected, rtol=1e-6, atol=0)
    target = torch.from_numpy((cut.astype(np.uint16) / unit).astype(np.float32))
    return torch.from_numpy(prediction), target


@pytest.mark.parametrize('name', EVALUATIONS)
def test_evaluation(name):
    maps = [evaluation_maps(name, row) for row in range(2)]
    for tag, alignment in ALIGNMENTS.items():
        if name != 'nyu' and tag != 'least_square':
            continue  # the reference has none
        part = f'eval.{name}.{tag}'
        metric = METRICS.build(
            dict(type='AlignedDepthMetric', alignment=alignment, **EVALUATIONS[name])
        )
        rows = torch.tensor([measure(metric, *pair) for pair in maps])
        close(rows, f'{part}.metrics')
        means = metric.compute_metrics(metric.results)
        close(torch.tensor([means[key] for key in METRICS_ORDER]), f'{part}.mean')
    masks = torch.stack([metric._get_eval_mask(target) for _, target in maps])
    assert torch.equal(masks.flatten(1).sum(1), tensor(f'eval.{name}.n_valid'))
    for axis, key in ((2, 'valid_rows'), (1, 'valid_cols')):
        assert torch.equal(masks.sum(axis).int(), tensor(f'eval.{name}.{key}'))
    fits = [
        torch.cat(
            fit_scale_and_shift(
                *(x.double()[None, None] for x in pair), mask[None, None]
            )
        )
        for pair, mask in zip(maps, masks, strict=True)
    ]
    close(torch.stack(fits), f'eval.{name}.least_square.scale_shift')
