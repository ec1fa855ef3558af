import sys

import pytest
import torch

from diffmm.benchmark import ReleasedVPD, check_checkout, measure_pass

from .vpd_stub import write_stub

OF_CHECKOUT = ('ldm', 'vpd', 'pytorch_lightning', 'taming', 'omegaconf')


@pytest.fixture
def checkout(tmp_path):
    """A checkout, whose modules are forgotten afterwards."""
    before, path = set(sys.modules), list(sys.path)
    yield write_stub(tmp_path)
    for name in set(sys.modules) - before:
        if name.split('.')[0] in OF_CHECKOUT:
            del sys.modules[name]
    sys.path[:] = path


def test_the_parts_are_those_of_the_checkout(checkout):
    model = ReleasedVPD(checkout, 64, num_tokens=5)
    kinds = {type(part).__module__ for part in (model.vae, model.unet, model.adapter)}
    assert kinds == {'ldm.models.diffusion.ddpm', 'vpd.models'}
    assert model.texts.shape == (5, 8) and not hasattr(model.vae, 'decoder')
    frozen = {
        n.split('.')[0] for n, p in model.named_parameters() if not p.requires_grad
    }
    assert frozen == {'vae'}
    images = torch.rand(2, 3, 64, 64) * 2 - 1
    for part in ('forward', 'train'):
        assert all(v > 0 for v in measure_pass(model, images, part, 'fp32').values())
    # The last training step left gradients of everything that trains.
    assert all(p.grad is not None for p in model.parameters() if p.requires_grad)


def test_a_checkout_that_cannot_be_imported(checkout):
    with pytest.raises(ValueError, match='takes multiples of 64, got 100'):
        ReleasedVPD(checkout, 100, 5)
    models = checkout / 'vpd' / 'models.py'
    models.write_text('import no_such_package\n')
    with pytest.raises(ImportError, match='needs no_such_package: pip install'):
        ReleasedVPD(checkout, 64, 5)
    models.write_text('class UNetWrapper: pass\n')
    with pytest.raises(ValueError, match='has no TextAdapter: not VPD'):
        ReleasedVPD(checkout, 64, 5)
    with pytest.raises(FileNotFoundError, match='no folder at gone'):
        check_checkout('gone')
