"""The linear probe of a frozen backbone."""

import pytest
import torch
import torch.nn.functional as F

from diffmm.models.heads.linear_head import LinearHead


@pytest.fixture
def head():
    torch.manual_seed(0)
    return LinearHead(in_channels=4, num_classes=3)


def test_it_reads_the_last_vector(head):
    vectors = torch.randn(2, 4)
    logits = head([torch.randn(2, 9), vectors])
    assert torch.equal(logits, F.linear(vectors, head.linear.weight, head.linear.bias))
    assert head.logits(logits) is logits


def test_its_loss_is_the_cross_entropy(head):
    vectors = torch.randn(5, 4)
    logits = head([vectors])
    labels = logits.argmax(1)
    labels[0] = (labels[0] + 1) % 3
    losses = head.loss([vectors], labels)
    assert losses['loss_class'] == F.cross_entropy(logits, labels)
    assert losses['accuracy'] == pytest.approx(4 / 5)
