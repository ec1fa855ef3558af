"""Tasks that are measured in one test."""

from __future__ import annotations

import pytest
import torch
from mmengine.config import Config
from mmengine.evaluator import BaseMetric
from mmengine.registry import EVALUATOR

import diffmm  # noqa: F401  registers the evaluator


class Counting(BaseMetric):
    """Keeps what it sees."""

    default_prefix = 'counting'

    def __init__(self, results_per_sample=1):
        super().__init__()
        self.per_sample = results_per_sample

    def process(self, data_batch, data_samples):
        for sample in data_samples:
            self.results += [sample['value']] * self.per_sample

    def compute_metrics(self, results):
        return dict(total=sum(results), classes=len(self.dataset_meta['classes']))


def build(**metrics):
    return EVALUATOR.build(
        dict(type='TaskEvaluator', metrics=metrics, tasks=list(metrics))
    )


def metas():
    return [dict(classes=('a',) * n, cumulative_sizes=[2, 5]) for n in (1, 2)]


def test_a_metric_sees_its_task_alone():
    evaluator = build(depth=Counting(), boxes=Counting())
    evaluator.dataset_meta = metas()
    tasks = ('depth', 'depth', 'boxes', 'boxes', 'boxes')
    # As a sampler repeats samples to fill the last batch.
    for value, task in enumerate((*tasks, 'depth')):
        evaluator.process([dict(task=task, value=value)])
    assert evaluator.evaluate(5) == {
        'depth/counting/total': 1,
        'depth/counting/classes': 1,
        'boxes/counting/total': 9,
        'boxes/counting/classes': 2,
    }


def test_what_is_refused():
    with pytest.raises(TypeError, match='by its name'):
        EVALUATOR.build(dict(type='TaskEvaluator', metrics=[Counting()]))
    for tasks in (None, ('depth',), ('depth', 'boxes', 'boxes')):
        with pytest.raises(ValueError, match=r"tasks must name \['boxes', 'depth'\]"):
            EVALUATOR.build(
                dict(
                    type='TaskEvaluator',
                    metrics=dict(depth=Counting(), boxes=Counting()),
                    tasks=tasks,
                )
            )
    evaluator = build(depth=Counting(2))
    for wrong in (dict(classes=('a',)), metas()):
        with pytest.raises(ValueError, match='1 tasks .* as many data sets'):
            evaluator.dataset_meta = wrong
    evaluator.dataset_meta = metas()[0]
    with pytest.raises(ValueError, match='a.jpg has the task None.*NameTask'):
        evaluator.process([dict(img_path='a.jpg', value=torch.zeros(1))])
    with pytest.raises(ValueError, match='kept 2 results'):
        evaluator.process([dict(task='depth', value=1)])


def test_a_written_config_keeps_the_order_of_the_tasks():
    # MMEngine writes mappings in alphabetical order into every work folder.
    metrics = dict(depth=dict(type='PerImageDepthMetric'), boxes=dict(type='Counting'))
    written = Config(
        dict(val_evaluator=dict(metrics=metrics, tasks=('depth', 'boxes')))
    ).pretty_text
    assert written.index('boxes=') < written.index('depth=')
    read = Config.fromstring(written, '.py').val_evaluator
    read.metrics.boxes = Counting()
    evaluator = EVALUATOR.build(dict(type='TaskEvaluator', **read))
    evaluator.dataset_meta = metas()
    assert evaluator.dataset_prefixes == ('depth', 'boxes')
    assert isinstance(evaluator.metrics[1], Counting)
    assert len(evaluator.metrics[1].dataset_meta['classes']) == 2
    one = EVALUATOR.build(dict(type='TaskEvaluator', metrics=dict(boxes=Counting())))
    assert one.dataset_prefixes == ('boxes',)
