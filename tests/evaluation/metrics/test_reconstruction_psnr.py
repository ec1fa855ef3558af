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
