import pytest
import torch
from mmengine.registry import MODELS


def build(**options):
    return MODELS.build(dict(type='ClassFocalLoss', **options))


def test_without_the_exponent_it_is_binary_cross_entropy():
    logits = torch.randn(2, 3, 4, 5)
    labels = torch.randint(0, 3, (2, 4, 5))
    ones = torch.nn.functional.one_hot(labels, 3).permute(0, 3, 1, 2).float()
    bce = torch.nn.functional.binary_cross_entropy_with_logits(logits, ones)
    torch.testing.assert_close(build(gamma=0.0)(logits, labels), 3 * bce)
    torch.testing.assert_close(
        build(gamma=0.0, loss_weight=0.5)(logits, labels), 1.5 * bce
    )


def test_ignored_pixels_do_not_count():
    logits, labels = torch.randn(1, 3, 2, 4), torch.randint(0, 3, (1, 2, 4))
    expected = build()(logits[..., :2], labels[..., :2])
    labels[..., 2:] = 255
    torch.testing.assert_close(build()(logits, labels), expected)
    logits.requires_grad_()
    loss = build()(logits, torch.full((1, 2, 4), 7), ignore_index=7)
    loss.backward()
    assert loss == 0 and not logits.grad.any()


def test_weights_of_a_sampler_are_refused():
    labels = torch.zeros(1, 2, 2).long()
    with pytest.raises(ValueError, match='takes no weights'):
        build()(torch.zeros(1, 3, 2, 2), labels, weight=torch.ones(1, 2, 2))
