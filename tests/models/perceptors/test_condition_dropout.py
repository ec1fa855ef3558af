import pytest
import torch

from diffmm.models.perceptors import ConditionDropout


def test_drop_out_is_exclusive():
    dropout = ConditionDropout(text=0.1, both=0.2, image=0.3)
    generators = [torch.Generator().manual_seed(seed) for seed in range(2000)]
    no_text, no_image = dropout.draw(generators)
    shares = [
        (no_text & ~no_image).float().mean(),
        (no_text & no_image).float().mean(),
        (no_image & ~no_text).float().mean(),
    ]
    assert [float(s) for s in shares] == pytest.approx([0.1, 0.2, 0.3], abs=0.03)
    with pytest.raises(ValueError, match='at most 1 in all'):
        ConditionDropout(text=0.5, both=0.5, image=0.5)


def test_the_default_shares_are_instruct_pix2pix_s():
    """A twentieth each, from the numbers of the released code."""
    numbers = torch.arange(0.005, 1, 0.01)
    no_text, no_image = ConditionDropout()(numbers)
    assert numbers[no_text].max() < 0.1 and no_text.sum() == 10
    assert numbers[no_image].min() > 0.05 and no_image.sum() == 10
    assert (no_text & no_image).sum() == 5
