import pytest
import torch
from mmengine.registry import METRICS

import diffmm  # noqa: F401


def test_mean_over_images_in_decibel():
    metric = METRICS.build(dict(type='ReconstructionPSNR'))
    image = torch.full((3, 4, 4), 100, dtype=torch.uint8)
    predictions = [dict(reconstruction=image + step) for step in (0, 1, 10)]
    metric.process(dict(inputs=[image] * 3), predictions)
    result = metric.evaluate(3)
    # 20 log10(255 / step); an exact image counts 100.
    expected = (100 + 48.1308 + 28.1308) / 3
    assert result == {'reconstruction/PSNR': pytest.approx(expected, abs=1e-3)}


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
