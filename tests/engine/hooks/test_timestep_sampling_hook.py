"""Timesteps in the config of any model, estimated anew, logged and resumed."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.registry import HOOKS, MODELS
from torch import nn

from diffmm.diffusion import TimestepLossWeights, WeightedTimesteps, schedule_weights
from diffmm.utils.scalars import read_scalars
from tests import tiny
from tests.engine.hooks.toy_perceptor import config, train
from tests.models.perceptors.test_diffusion_perceptor import build, samples

STATISTICS = dict(metric='abs_rel', timesteps=[999, 500])


def hook(**options):
    return HOOKS.build(dict(type='TimestepSamplingHook', **options))


def start(model, **options):
    """Gives a model the timesteps of a hook."""
    found = hook(**options)
    found.attach(model)
    return found


def loss_of(model):
    torch.manual_seed(7)
    return model.loss(tiny.image(64, 64, 2), samples())['loss_denoising']


@pytest.mark.parametrize('use', ['probability', 'loss'])
@pytest.mark.parametrize('floor', [0.0, 0.1])
def test_uniform_weights_change_nothing_to_the_bit(use, floor):
    plain, model = build().train(), build().train()
    start(model, weights='uniform', use=use, floor=floor)
    assert torch.equal(loss_of(plain), loss_of(model))


def test_weights_are_probabilities_or_factors_of_the_loss_never_both():
    one, other = build(), build()
    start(one, weights='schedule', floor=0.2)
    start(other, weights='schedule', floor=0.2, use='loss')
    expected = 0.8 * schedule_weights(one.objective.schedule) + 0.2 / 1000
    assert isinstance(one.objective.timesteps, WeightedTimesteps)
    torch.testing.assert_close(one.objective.timesteps.probabilities, expected)
    assert one.objective.weighting is None
    assert isinstance(other.objective.weighting, TimestepLossWeights)
    factors = other.objective.weighting(torch.arange(1000)).double()
    torch.testing.assert_close(factors, expected * 1000, rtol=1e-4, atol=1e-7)
    assert not isinstance(other.objective.timesteps, WeightedTimesteps)
    # A second use meets the first.
    with pytest.raises(ValueError, match="use='loss' meets an objective that favors"):
        start(one, weights='schedule', use='loss')
    with pytest.raises(ValueError, match="use='probability' meets an objective that w"):
        start(other, weights='schedule')
    with pytest.raises(ValueError, match=r'never both.*got \(.probability., .loss.\)'):
        hook(weights='schedule', use=('probability', 'loss'))


def test_text_to_image_models_have_timesteps_too():
    config = dict(type='TextToImageDiffusion', arch=tiny.ARCHITECTURE)
    model = MODELS.build(config)
    start(model, timesteps=dict(type='UniformTimesteps', begin=900))
    assert model.objective.add_noise(torch.zeros(50, 4, 1, 1)).timesteps.min() >= 900


@pytest.fixture(scope='module')
def backbone():
    return tiny.build_backbone(latent_scale=0.18215, noise='ddpm', timestep=7)


def told(backbone, images):
    """Timesteps and noisy latents that the UNet sees."""
    seen = []
    handle = backbone.unet.register_forward_pre_hook(
        lambda _, args, kwargs: seen.append((kwargs['timestep'], args[0])),
        with_kwargs=True,
    )
    with torch.no_grad():
        backbone(images)
    handle.remove()
    return seen[0]


def test_a_backbone_draws_a_timestep_for_every_image(backbone):
    backbone = deepcopy(backbone)
    model = nn.Sequential()
    model.backbone = backbone
    start(model, timesteps=dict(type='UniformTimesteps', begin=100, end=201))
    images = tiny.image(64, 64, 8)
    timesteps, latents = told(backbone.train(), images)
    assert timesteps.shape == (8,) and len(timesteps.unique()) > 2
    assert 100 <= timesteps.min() and timesteps.max() <= 200
    # At test it has its own.
    assert told(backbone.eval(), images)[0] == 7
    # The noise is that of a pass at the same timestep.
    backbone.noise_levels.draw_from(None)
    backbone.noise_levels.timesteps = (int(timesteps[3]),)
    torch.testing.assert_close(told(backbone, images[3:4])[1], latents[3:4])


def test_a_backbone_s_timestep_belongs_to_iteration_and_image(backbone, monkeypatch):
    backbone = deepcopy(backbone).train()
    hub = MessageHub.get_current_instance()
    images = tiny.image(64, 64, 3)
    model = nn.Sequential(backbone)
    start(model, weights='schedule')
    found = []
    for iteration, batch in ((3, images), (3, images[1:2]), (4, images)):
        monkeypatch.setitem(hub.runtime_info, 'seed', 5)
        monkeypatch.setitem(hub.runtime_info, 'iter', iteration)
        found.append(told(backbone, batch)[0])
    assert torch.equal(found[0][1:2], found[1])
    assert not torch.equal(found[0], found[2])


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(timestep=(1, 50)), r'timesteps \(1, 50\) joins their features'),
        (dict(noise=dict(type='ddim_inversion', steps=2)), 'DDIM inversion follows'),
        (dict(learned_timesteps=True, noise=None), 'learned_timesteps=True'),
    ],
    ids=['several', 'inversion', 'learned'],
)
def test_backbones_that_draw_no_timesteps(options, message):
    options = dict(latent_scale=0.18215) | options
    with pytest.raises(ValueError, match=message):
        start(nn.Sequential(tiny.build_backbone(**options)), weights='uniform')


def test_models_that_do_not_fit(backbone):
    with pytest.raises(TypeError, match='Linear has no timesteps'):
        start(nn.Linear(1, 1), weights='schedule')
    with pytest.raises(ValueError, match="use='loss' weighs .* denoising"):
        start(nn.Sequential(backbone), weights='schedule', use='loss')
    with pytest.raises(TypeError, match='Sequential does not denoise predictions'):
        start(nn.Sequential(backbone), weights='schedule', statistics=STATISTICS)


def test_weights_from_a_file(tmp_path):
    path = tmp_path / 'weights.json'
    path.write_text(json.dumps(dict(weights=[1.0] * 500 + [3.0] * 500)))
    model = build()
    start(model, weights=str(path), floor=0)
    probabilities = model.objective.timesteps.probabilities
    assert probabilities[-1] / probabilities[0] == pytest.approx(3)
    with pytest.raises(FileNotFoundError, match='timestep_contribution.py writes one'):
        start(build(), weights=str(tmp_path / 'none.json'))
    path.write_text('[]')
    with pytest.raises(ValueError, match='weights.json is no file of tools'):
        start(build(), weights=str(path))


@pytest.mark.parametrize('use', ['probability', 'loss'])
@pytest.mark.parametrize('count', [10, 2000])
def test_weights_of_another_schedule_are_refused_at_once(count, use):
    message = f'{count} weights for a schedule of 1000'
    with pytest.raises(ValueError, match=message):
        start(build(), weights=[1.0] * count, use=use)


def test_a_hook_meets_no_other_weighting():
    model = build()
    found = start(model, weights='schedule', use='loss')
    found.attach(model)  # its own
    with pytest.raises(ValueError, match="use='loss' meets an objective that weighs"):
        start(model, weights='schedule', use='loss')


def test_one_step_models_have_no_weights_of_losses_and_no_statistics():
    model = MODELS.build(
        dict(
            type='OneStepPerceptor',
            arch=tiny.ARCHITECTURE,
            codec=dict(type='AffineDepthCodec'),
            losses=dict(aligned=dict(type='AlignedDepthLoss')),
        )
    )
    with pytest.raises(ValueError, match='the loss of OneStepPerceptor has none'):
        start(model, weights='schedule', use='loss')
    with pytest.raises(TypeError, match='OneStepPerceptor does not denoise .* steps'):
        start(model, weights='schedule', statistics=STATISTICS)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({}, 'either weights .* or timesteps'),
        (
            dict(weights='schedule', timesteps=dict(type='UniformTimesteps')),
            'either weights .* or timesteps',
        ),
        (dict(weights='schedule', floor=2), r'floor must lie in \[0, 1\], got 2'),
        (dict(weights='schedule', floor='a'), r"floor must lie in \[0, 1\], got 'a'"),
        (dict(weights='uniform', reading='beta'), "reading must be .* got 'beta'"),
        (dict(weights='schedule', use='both'), "never both.*got 'both'"),
        (
            dict(timesteps=dict(type='UniformTimesteps'), use='loss'),
            'need weights instead',
        ),
        (
            dict(weights='schedule', statistics=dict(STATISTICS, interval=0)),
            'interval must be at least 1, got 0',
        ),
        (
            dict(weights='schedule', statistics=dict(STATISTICS, timesteps=[5])),
            r'at least two; got \[5\]',
        ),
    ],
    ids=str,
)
def test_options_that_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        hook(**options)
    for wrong in ('uniform', dict(type='GaussianNoise')):
        with pytest.raises(TypeError, match='config of a TimestepSampler.* got'):
            hook(timesteps=wrong)
    wrong = dict(STATISTICS, timesteps=[5, 999])
    with pytest.raises(ValueError, match=r'timesteps must fall.* got \(5, 999\)'):
        start(build(), weights='schedule', statistics=wrong)


HOOK = dict(
    type='TimestepSamplingHook', weights='schedule', statistics=STATISTICS, floor=0.3
)


def estimated(runner):
    (found,) = [h for h in runner.hooks if type(h).__name__ == HOOK['type']]
    return found.current


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    return train(config(tmp_path_factory.mktemp('whole'), [HOOK]))


def test_statistics_take_the_place_of_the_first_weights(whole):
    weights = estimated(whole)
    assert weights.sum().item() == pytest.approx(1) and weights.min() >= 0.3 / 1000
    # Two columns: even within each.
    assert len(weights.round(decimals=12).unique()) == 2
    used = whole.model.objective.timesteps.probabilities
    torch.testing.assert_close(used, weights)
    folder = Path(whole.work_dir, whole.timestamp, 'vis_data', 'vis_image')
    names = {path.name for path in folder.iterdir()}
    assert {'timestep_weights_0.png', 'timestep_weights_2.png'} <= names
    means = read_scalars(Path(whole.work_dir), 'timesteps/mean_timestep')
    assert set(means) == {0, 2} and 700 < means[0] < 850


@pytest.mark.slow
def test_a_killed_run_goes_on_with_the_same_weights(whole, tmp_path):
    """The checkpoint of iteration 2 was written before its validation."""
    train(config(tmp_path / 'killed', [HOOK], max_iters=2))
    runner = train(config(tmp_path / 'killed', [HOOK]), resume=True)
    assert torch.equal(estimated(runner), estimated(whole))
    for name, value in whole.model.state_dict().items():
        assert torch.equal(runner.model.state_dict()[name], value), name
    # After the last validation nothing is estimated: there is nothing left to train.
    assert runner.message_hub.get_info('timestep_contributions')['iteration'] == 2


def test_too_small_a_validation_is_refused_before_training(tmp_path):
    with pytest.raises(ValueError, match='2 timesteps need at least 20 .* measure 19'):
        train(config(tmp_path, [HOOK], val=19))


def test_an_unknown_metric_is_refused_before_training(tmp_path):
    wrong = dict(HOOK, statistics=dict(STATISTICS, metric='mIoU'))
    runner = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            'mmengine.runner.IterBasedTrainLoop.run_iter',
            lambda *_: runner.append('trained'),
        )
        with pytest.raises(ValueError, match="has a figure 'mIoU'; there are .*abs_re"):
            train(config(tmp_path, [wrong]))
    assert not runner


def test_two_of_these_hooks_are_refused(tmp_path):
    hooks = [dict(type=HOOK['type'], weights=each) for each in ('schedule', 'uniform')]
    with pytest.raises(ValueError, match='two TimestepSamplingHooks'):
        train(config(tmp_path, hooks))
