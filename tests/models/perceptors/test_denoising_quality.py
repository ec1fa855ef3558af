from __future__ import annotations

import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.registry import METRICS, MODELS, DefaultScope

from diffmm.models.perceptors import measure_denoising
from tests.engine.hooks.toy_perceptor import RandomDepth, config

DATA = RandomDepth(5)


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    torch.manual_seed(0)
    settings = config(tmp_path_factory.mktemp('model'), [])['model']
    settings['ensemble'] = dict(type='DepthEnsemble', size=2)
    with DefaultScope.overwrite_default_scope('mmseg'):
        return MODELS.build(settings).eval()


def batches(size):
    for first in range(0, len(DATA), size):
        yield pseudo_collate([DATA[i] for i in range(first, min(first + size, 5))])


def metrics():
    return [METRICS.build(dict(type='AlignedDepthMetric'))]


def test_the_last_step_is_what_the_model_predicts(model):
    found = measure_denoising(model, batches(2), metrics(), 'abs_rel')
    assert found.timesteps == (999, 499) and found.values.shape == (5, 2)
    assert model.ensemble is not None
    (metric,) = metrics()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, 'ensemble', None)
        for batch in batches(2):
            outputs = model.test_step(batch)
            metric.process({}, [each.to_dict() for each in outputs])
    expected = torch.stack([each['abs_rel'] for each in metric.results])
    # DDIM's last latents are the clean ones here.
    torch.testing.assert_close(found.values[:, 1], expected, rtol=1e-4, atol=1e-6)


def test_a_path_and_numbers_of_steps(model):
    path = (999, 990, 500)
    found = measure_denoising(model, batches(5), metrics(), 'd1', path, limit=3)
    assert found.timesteps == path and found.values.shape == (3, 3)
    one = measure_denoising(model, batches(5), metrics(), 'd1', path, (3,), limit=3)
    assert one.timesteps == (500,)
    assert torch.equal(one.values[:, 0], found.values[:, 2])


def test_samples_without_depth_are_nan(model):
    batch = next(batches(2))
    batch['data_samples'][1].gt_depth_map.data.fill_(0)
    values = measure_denoising(model, [batch], metrics(), 'd1').values
    assert values[0].isfinite().all() and values[1].isnan().all()


@pytest.mark.parametrize(
    ('key', 'options', 'message'),
    [
        ('mIoU', {}, "no metric .* has a figure 'mIoU'; there are .*abs_rel"),
        ('d1', dict(columns=(1, 7)), r'steps \[1, 7\] .* the model makes 2 steps'),
        ('d1', dict(columns=(7,)), r'steps \[7\] .* the model makes 2 steps'),
        ('d1', dict(columns=(0,)), r'steps \[0\] .* counted from 1'),
        ('d1', dict(columns=(1, 1)), r'steps \[1, 1\] .* each once'),
        ('d1', dict(limit=0), 'limit must be at least 1, got 0'),
        ('d1', dict(limit=-3), 'limit must be at least 1, got -3'),
    ],
)
def test_what_cannot_be_measured(model, key, options, message):
    with pytest.raises(ValueError, match=message):
        measure_denoising(model, batches(5), metrics(), key, **options)
    with pytest.raises(ValueError, match='data loader is empty'):
        measure_denoising(model, [], metrics(), 'd1')


def test_wrong_columns_are_found_in_the_first_batch(model):
    seen = []

    def count():
        for batch in batches(1):
            seen.append(batch)
            yield batch

    with pytest.raises(ValueError, match=r'steps \[7\] shall be measured'):
        measure_denoising(model, count(), metrics(), 'd1', columns=(7,))
    assert len(seen) == 1


def test_one_step_models_follow_no_path(tmp_path):
    settings = config(tmp_path, [])['model']
    del settings['sampler']
    losses = dict(aligned=dict(type='AlignedDepthLoss'))
    settings.update(type='OneStepPerceptor', losses=losses)
    with DefaultScope.overwrite_default_scope('mmseg'):
        one_step = MODELS.build(settings).eval()
    found = measure_denoising(one_step, batches(5), metrics(), 'd1')
    assert found.timesteps == (999,)
    with pytest.raises(ValueError, match=r'one step, at t = 999.* along \[999, 5\]'):
        measure_denoising(one_step, batches(5), metrics(), 'd1', (999, 5))
