"""mmcv compiles these for GPUs only, so they are compared with the definition."""

from __future__ import annotations

import pytest
import torch
from mmcv.ops import sigmoid_focal_loss, softmax_focal_loss
from torch.nn import functional

from tests.operators.comparison import assert_equal, run_with_gradients

REDUCTIONS = dict(none=lambda x: x, sum=torch.sum, mean=lambda x: x.sum() / len(x))


@pytest.fixture
def logits():
    return torch.randn(12, 5) * 3


def reduce(loss, reduction):
    return REDUCTIONS[reduction](loss)


@pytest.mark.parametrize('reduction', REDUCTIONS)
@pytest.mark.parametrize(('gamma', 'alpha'), [(2.0, 0.25), (1.5, 0.6), (0.0, 0.5)])
@pytest.mark.parametrize('weighted', [False, True])
def test_sigmoid(use_stand_in, logits, reduction, gamma, alpha, weighted):
    use_stand_in('focal_loss')
    # 5 is background, which has no weight.
    target = torch.arange(12) % (5 if weighted else 6)
    weight = torch.rand(5) if weighted else None

    def define(logits):
        p = logits.sigmoid()
        hit = functional.one_hot(target, 6)[:, :5]
        loss = -hit * alpha * (1 - p) ** gamma * p.log()
        loss = loss - (1 - hit) * (1 - alpha) * p**gamma * (1 - p).log()
        return reduce(
            loss if weight is None else loss * weight[target, None], reduction
        )

    def compute(logits):
        return sigmoid_focal_loss(logits, target, gamma, alpha, weight, reduction)

    assert_equal(
        run_with_gradients(compute, logits), run_with_gradients(define, logits)
    )


def test_sigmoid_of_extreme_logits_is_finite(use_stand_in):
    use_stand_in('focal_loss')
    logits = torch.tensor([[80.0, -80.0]], requires_grad=True)
    loss = sigmoid_focal_loss(logits, torch.tensor([1]), 2.0, 0.25, None, 'sum')
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(logits.grad).all()
    assert logits.grad[0, 0] > 0 > logits.grad[0, 1]


@pytest.mark.parametrize('reduction', ['sum', 'mean'])
@pytest.mark.parametrize(('gamma', 'alpha'), [(2.0, 0.25), (1.5, 0.6)])
@pytest.mark.parametrize('weighted', [False, True])
def test_softmax(use_stand_in, logits, reduction, gamma, alpha, weighted):
    use_stand_in('focal_loss')
    target = torch.arange(12) % 6 - 1  # -1 is ignored
    weight = torch.rand(5) if weighted else None

    def define(logits):
        kept = target[target >= 0]
        p = logits.softmax(1)[target >= 0].gather(1, kept[:, None])[:, 0]
        loss = -alpha * (1 - p) ** gamma * p.log()
        loss = loss if weight is None else loss * weight[kept]
        return loss.sum() / (12 if reduction == 'mean' else 1)

    def compute(logits):
        return softmax_focal_loss(logits, target, gamma, alpha, weight, reduction)

    assert_equal(
        run_with_gradients(compute, logits), run_with_gradients(define, logits)
    )
