"""The depth that can be told without looking."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from mmengine.registry import DATASETS, METRICS
from tqdm import tqdm

LOAD = dict(type='LoadMetricDepth')


def row_depth_baseline(
    train_dataset: Mapping, test_dataset: Mapping, metric: Mapping
) -> dict[str, float]:
    """Measures the best depth that is constant along every row of all pictures.

    Every row predicts the mean over its valid pixels in all training pictures, the
    constant with the smallest squared error. A floor that rises to a horizon makes this
    a strong guess; a network that is no better has learned where the horizon is.

    Args:
        train_dataset: Config of the training set, with depth maps of one size.
        test_dataset: Config of the test set, of the same size.
        metric: Config of the metric.

    Returns:
        The metric's figures.
    """
    total = count = 0.0
    for depth in _depths(train_dataset, 'Depth of rows'):
        valid = depth > 0
        total = total + (depth * valid).sum(axis=1, dtype=np.float64)
        count = count + valid.sum(axis=1)
    rows = torch.from_numpy(total / np.maximum(count, 1)).float()
    measure = METRICS.build(dict(metric))
    for number, depth in enumerate(_depths(test_dataset, 'Depth of tests')):
        target = torch.from_numpy(depth)
        sample = dict(
            pred_depth_map=dict(data=rows[None, :, None].expand(1, *target.shape)),
            gt_depth_map=dict(data=target[None]),
            img_path=str(number),
        )
        measure.process({}, [sample])
    return measure.compute_metrics(measure.results)


def _depths(config: Mapping, title: str):
    """Depth maps of a data set in meters."""
    dataset = DATASETS.build({**config, 'pipeline': [LOAD]})
    for index in tqdm(range(len(dataset)), desc=title, unit='map'):
        yield dataset[index]['gt_depth_map']
