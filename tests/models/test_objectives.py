import pytest
import torch
from mmengine.registry import TASK_UTILS

from diffmm.diffusion import DiffusionObjective, FavoredTimesteps, GaussianNoise
from diffmm.models.objectives import build_objective


def test_default_is_stable_diffusion_s():
    objective = build_objective()
    assert isinstance(objective, DiffusionObjective)
    assert objective.prediction_type == 'epsilon' and objective.weighting is None
    # The last value that Stable Diffusion's schedule is known by.
    assert objective.schedule.alphas_cumprod[999].item() == pytest.approx(
        0.00466, abs=1e-5
    )


def test_parts_from_dicts_and_objects():
    objective = build_objective(
        schedule=dict(prediction_type='v_prediction', rescale_betas_zero_snr=True),
        timesteps=dict(type='FavoredTimesteps', share=0.6, favored=(80, 700)),
        noise=GaussianNoise(),
        weighting=torch.ones_like,
    )
    assert objective.prediction_type == 'v_prediction'
    assert objective.schedule.alphas_cumprod[-1] == 0
    assert isinstance(objective.timesteps, FavoredTimesteps)
    assert objective.timesteps.favored == (80, 700)
    assert objective.weighting is torch.ones_like


def test_a_registered_part_of_one_s_own():
    @TASK_UTILS.register_module(name='MiddleTimestepsOfATest')
    class Middle:
        def __call__(self, count, num_timesteps, generator=None):
            return torch.full((count,), num_timesteps // 2)

    objective = build_objective(timesteps=dict(type='MiddleTimestepsOfATest'))
    assert objective.add_noise(torch.zeros(2, 4, 8, 8)).timesteps.tolist() == [500, 500]


def test_unknown_parts_and_settings():
    with pytest.raises(TypeError, match='sampler'):
        build_objective(sampler=dict(type='UniformTimesteps'))
    with pytest.raises(KeyError, match='NoSuchTimesteps'):
        build_objective(timesteps=dict(type='NoSuchTimesteps'))
