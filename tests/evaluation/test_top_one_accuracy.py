import pytest
import torch

from diffmm.evaluation import TopOneAccuracy


def test_every_sample_counts_as_much(tmp_path):
    """Batches of three and of one: 2 of 4 are right, not (1/3 + 1) / 2."""
    metric = TopOneAccuracy()
    logits = torch.eye(3)
    batches = [[(0, 0), (1, 2), (2, 1)], [(1, 1)]]
    for batch in batches:
        samples = [dict(logits=logits[found], gt_label=true) for found, true in batch]
        metric.process({}, samples)
    assert metric.evaluate(4) == {'accuracy/top1': pytest.approx(50)}


def test_classes_without_scores():
    """A generalist's answer is a class: mmengine gives its samples as dicts."""
    metric = TopOneAccuracy()
    samples = [dict(pred_label=found, gt_label=1) for found in (1, 2, 1, 1)]
    metric.process({}, samples)
    assert metric.evaluate(4) == {'accuracy/top1': pytest.approx(75)}
