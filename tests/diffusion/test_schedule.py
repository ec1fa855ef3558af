import pytest
import torch

from diffmm.diffusion import build_schedule
from diffmm.diffusion.schedule import at_least_single


def test_the_schedule_is_stable_diffusion_s():
    alphas = build_schedule().alphas_cumprod
    assert len(alphas) == 1000
    assert alphas[0].item() == pytest.approx(0.99915, abs=1e-5)
    assert alphas[-1].item() == pytest.approx(0.00466, abs=1e-5)
    assert build_schedule(dict(rescale_betas_zero_snr=True)).alphas_cumprod[-1] == 0


def test_half_precision_alone_is_converted():
    for dtype in (torch.bfloat16, torch.float16):
        assert at_least_single(torch.ones(1, dtype=dtype)).dtype == torch.float32
    for dtype in (torch.float32, torch.float64):
        values = torch.ones(1, dtype=dtype)
        assert at_least_single(values) is values
