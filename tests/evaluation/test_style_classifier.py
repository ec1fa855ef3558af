from __future__ import annotations

import pytest
import torch

from diffmm.evaluation.style_classifier import StyleClassifier

STYLES = ('dark', 'light', 'striped')


def pictures(count):
    """Random tones of each style, (3 * count, 3, 32, 32)."""
    dark = torch.rand(count, 3, 1, 1) * 0.5 - 1
    stripes = torch.where(torch.arange(32) % 4 < 2, -1.0, 1.0).expand(count, 3, 32, 32)
    images = [dark.expand(-1, -1, 32, 32), dark.neg().expand(-1, -1, 32, 32), stripes]
    noise = 0.1 * torch.randn(3 * count, 3, 32, 32)
    return torch.cat(images) + noise, torch.arange(3).repeat_interleave(count)


def test_it_learns_tones_and_patterns():
    torch.manual_seed(0)
    classifier = StyleClassifier(STYLES)
    classifier.learn(*pictures(24), epochs=6, batch_size=8)
    images, labels = pictures(10)
    assert (classifier.predict(images) == labels).float().mean() > 0.9
    shares = classifier.shares(images[:20])
    assert shares['dark'] == pytest.approx(0.5, abs=0.1)
    assert sum(shares.values()) == pytest.approx(1)


def test_a_rest_of_one_picture_is_left_out():
    classifier = StyleClassifier(STYLES)
    classifier.learn(*pictures(3), epochs=1, batch_size=8)
    assert classifier.predict(pictures(1)[0]).shape == (3,)
