import resource

import pytest
import torch
from mmengine.registry import METRICS

from diffmm.evaluation.retrieval_metric import score_queries


def test_a_hand_made_ranking():
    """Right, wrong, right: precisions 1 and 2/3."""
    gallery = torch.tensor([[1.0, 0.0], [1.0, 0.1], [1.0, 0.2], [0.0, 1.0]])
    labels = torch.tensor([0, 1, 0, 1])
    query = torch.tensor([[2.0, 0.0], [3.0, -0.1]])
    scores = score_queries(query, gallery, torch.tensor([0, 1]), labels)
    expected = torch.tensor([(1 + 2 / 3) / 2, (1 / 2 + 2 / 4) / 2])
    torch.testing.assert_close(scores.average_precision.float(), expected)
    torch.testing.assert_close(scores.interpolated.float(), expected)
    # Of class 1 the first is wrong: with a later precision that is higher, it counts.
    later = score_queries(
        query[:1], gallery, torch.tensor([1]), torch.tensor([0, 1, 1, 1])
    )
    assert later.average_precision.item() == pytest.approx((1 / 2 + 2 / 3 + 3 / 4) / 3)
    assert later.interpolated.item() == pytest.approx(3 / 4)
    short = score_queries(query[:1], gallery, torch.tensor([0]), labels, top=1)
    assert short.interpolated.item() == 1


def test_blocks_change_nothing_and_hold_part_of_the_distances():
    generator = torch.Generator().manual_seed(0)
    queries = torch.randn(1000, 32, generator=generator)
    gallery = torch.randn(10_000, 32, generator=generator)
    labels = torch.randint(0, 9, (1000,), generator=generator)
    others = torch.randint(0, 9, (10_000,), generator=generator)
    small = score_queries(queries[:70], gallery, labels[:70], others, block=32)
    large = score_queries(queries[:70], gallery, labels[:70], others, block=70)
    torch.testing.assert_close(small.interpolated, large.interpolated)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    score_queries(queries, gallery, labels, others, block=16)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    # All distances and their order would be 10 million of 12 bytes, several times.
    assert grown * 1024 < 10_000_000 * 12


def test_a_metric_needs_queries_and_a_gallery():
    metric = METRICS.build(dict(type='RetrievalMetric'))
    sample = dict(vector=torch.ones(3), gt_label=0, role='query')
    metric.process({}, [sample])
    with pytest.raises(ValueError, match="none is 'gallery'"):
        metric.compute_metrics(metric.results)
