import pytest
from mmengine.registry import METRICS

import diffmm  # noqa: F401


def test_errors_by_timestep_and_gain_of_the_caption():
    metric = METRICS.build(dict(type='DenoisingError'))
    samples = [
        dict(timesteps=(50, 800), errors=[0.2, 0.1], errors_swapped=[0.2, 0.2]),
        dict(timesteps=(50, 800), errors=[0.4, 0.1], errors_swapped=[0.4, 0.2]),
    ]
    metric.process({}, samples)
    assert metric.evaluate(2) == pytest.approx(
        {
            'denoising/mse_t50': 0.3,
            'denoising/mse_t800': 0.1,
            'denoising/mse': 0.2,
            'denoising/caption_gain': 25.0,
        }
    )
