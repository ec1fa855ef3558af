# Needs mmdetection.
"""Several tasks in one test, each with the metric of its host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mmdet.evaluation import MultiDatasetsEvaluator
from mmengine.evaluator import BaseMetric
from mmengine.registry import EVALUATOR
from mmengine.structures import BaseDataElement


@EVALUATOR.register_module()
class TaskEvaluator(MultiDatasetsEvaluator):
    """mmdetection's ``MultiDatasetsEvaluator`` for data sets of different tasks.

    The test data is mmdetection's ``ConcatDataset``, a data set for each task. The
    host shows every picture to every metric; here a metric sees those of its own task
    alone, which their ``task`` names, and knows the classes of its own data set. So
    depth, label maps and boxes are measured in one test, by unmodified metrics, over
    any number of processes. Results are named ``<task>/<metric>``.

    Example:
        >>> evaluator = EVALUATOR.build(dict(type='TaskEvaluator', metrics=dict(
        ...     depth=dict(type='PerImageDepthMetric'),
        ...     detection=dict(type='mmdet.CocoMetric')), tasks=('depth', 'detection')))
        >>> evaluator.dataset_prefixes
        ('depth', 'detection')

    Args:
        metrics: The metric of each task.
        tasks: The tasks in the order of the data sets. A config that MMEngine has
            written, as into every work folder, has its mappings in alphabetical order,
            so several metrics do not say it. One does.

    Raises:
        TypeError: The metrics are not named by their tasks.
        ValueError: The tasks are not those of the metrics.
    """

    def __init__(
        self,
        metrics: Mapping[str, Mapping | BaseMetric],
        tasks: Sequence[str] | None = None,
    ) -> None:
        if not isinstance(metrics, Mapping) or 'type' in metrics:
            raise TypeError(
                'TaskEvaluator needs the metric of each task by its name, '
                f'dict(depth=dict(type=...), ...), got {metrics!r}'
            )
        if tasks is None and len(metrics) == 1:
            tasks = tuple(metrics)
        if tasks is None or sorted(tasks) != sorted(metrics):
            raise ValueError(
                f'tasks must name {sorted(metrics)}, which have metrics, in the order '
                f'of the data sets, got {tasks!r}'
            )
        super().__init__([metrics[task] for task in tasks], tuple(tasks))

    @property
    def dataset_meta(self) -> Sequence[dict] | None:
        """Metainfo of the data sets, in the order of the tasks."""
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, metas: Sequence[dict] | dict) -> None:
        # Of a single data set, or of several with the same classes, there is one.
        metas = [metas] if isinstance(metas, Mapping) else metas
        if len(metas) != len(self.metrics) or 'cumulative_sizes' not in metas[0]:
            raise ValueError(
                f'{len(self.metrics)} tasks {self.dataset_prefixes} need as many data '
                "sets with classes of their own in mmdetection's ConcatDataset, in the "
                f'same order, got {len(metas)}'
            )
        self._dataset_meta = metas
        for metric, meta in zip(self.metrics, metas, strict=True):
            metric.dataset_meta = meta

    def process(
        self, data_samples: Sequence[BaseDataElement], data_batch: Any | None = None
    ) -> None:
        """Shows each picture to the metric of its task.

        Args:
            data_samples: With ``task`` in their metainfo.
            data_batch: As it comes from the loader.

        Raises:
            ValueError: A picture has no task, or one without a metric, or a metric does
                not keep one result for each picture.
        """
        for sample in data_samples:
            fields = sample.to_dict() if isinstance(sample, BaseDataElement) else sample
            task = fields.get('task')
            if task not in self.dataset_prefixes:
                raise ValueError(
                    f'{fields.get("img_path", "a picture")} has the task {task!r}, and '
                    f'there are metrics for {self.dataset_prefixes}: the test pipeline '
                    "needs NameTask, and in the packing transform's meta_keys 'task'"
                )
            for name, metric in zip(self.dataset_prefixes, self.metrics, strict=True):
                before = len(metric.results)
                if name == task:
                    metric.process(data_batch, [fields])
                else:
                    # Keeps the results of all processes in the order of the pictures.
                    metric.results.append(None)
                if len(metric.results) != before + 1:
                    raise ValueError(
                        f'{type(metric).__name__} kept {len(metric.results) - before} '
                        'results of one picture; TaskEvaluator needs one'
                    )
