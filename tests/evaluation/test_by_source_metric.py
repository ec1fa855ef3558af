import pytest
import torch
from mmengine.registry import METRICS


def build():
    parts = dict(
        near=dict(type='AlignedDepthMetric'),
        far=dict(type='AlignedDepthMetric', max_depth_eval=80.0, alignment='none'),
        never=dict(type='AlignedDepthMetric'),
    )
    return METRICS.build(dict(type='BySourceMetric', parts=parts))


def sample(source, scale=1.0, first=0):
    generator = torch.Generator().manual_seed(first)
    depth = torch.rand(1, 8, 8, generator=generator) + 1
    fields = dict(
        gt_depth_map=dict(data=depth), pred_depth_map=dict(data=depth * scale)
    )
    return dict(source=source, img_path='a.png', **fields)


def test_every_source_has_its_metric():
    metric = build()
    metric.process({}, [sample('near', 3.0), sample('far', 1.5)])
    metric.process({}, [sample('far', 1.1, first=1)])
    assert len(metric.results) == 3  # as many as samples, for distributed tests
    with pytest.warns(UserWarning, match="no sample of 'never'"):
        figures = metric.compute_metrics(metric.results)
    assert figures['near/abs_rel'] == pytest.approx(0, abs=1e-6)
    assert figures['far/abs_rel'] == pytest.approx(0.3)
    assert not [key for key in figures if key.startswith('never')]


def test_a_source_without_a_metric_is_named():
    with pytest.raises(ValueError, match="a.png is from the source 'moon', .*'source'"):
        build().process({}, [sample('moon')])
    with pytest.raises(ValueError, match='a metric for each source'):
        METRICS.build(dict(type='BySourceMetric', parts={}))
