"""Metrics of retrieval: queries against a gallery, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS
from torch import Tensor

BLOCK = 64


class QueryScores(NamedTuple):
    """Scores of Q queries.

    Attributes:
        average_precision: Area under the precision at relevant ranks, (Q,).
        interpolated: The same where each precision is the highest at this or a later
            rank, as in Pascal VOC, (Q,).
        precision: Share of relevant pictures among the first k, by k, each (Q,).
    """

    average_precision: Tensor
    interpolated: Tensor
    precision: dict[int, Tensor]


def score_queries(
    queries: Tensor,
    gallery: Tensor,
    query_labels: Tensor,
    gallery_labels: Tensor,
    top: int | None = None,
    precision_at: Sequence[int] = (),
    block: int = BLOCK,
) -> QueryScores:
    """Ranks a gallery for every query by distance, a block of queries at a time.

    The distances of a block are held, never all of them.

    Args:
        queries: Vectors (Q, D). Only their directions count.
        gallery: Vectors (G, D).
        query_labels: Classes (Q,).
        gallery_labels: Classes (G,).
        top: Length of the lists; None for the whole gallery. At most as many pictures
            count as relevant.
        precision_at: Values of k.
        block: Number of queries ranked at a time.

    Returns:
        The scores. A query without a relevant picture scores 0.
    """
    queries, gallery = F.normalize(queries, dim=1), F.normalize(gallery, dim=1)
    length = len(gallery) if top is None else min(top, len(gallery))
    ranks = torch.arange(1, length + 1, dtype=torch.float64)
    parts = []
    for part, labels in zip(
        queries.split(block), query_labels.split(block), strict=True
    ):
        # Of unit vectors, the nearest is the most similar.
        order = (part @ gallery.T).argsort(dim=1, descending=True, stable=True)
        right = gallery_labels[order] == labels[:, None]  # (block, G)
        relevant = right.sum(1).clamp(max=length)
        at_k = [right[:, :k].double().mean(1) for k in precision_at]
        right = right[:, :length].double()
        precision = right.cumsum(1) / ranks
        envelope = precision.flip(1).cummax(1).values.flip(1)
        count = relevant.clamp(min=1)
        plain = (precision * right).sum(1) / count
        smooth = (envelope * right).sum(1) / count
        parts.append(torch.stack([plain, smooth, *at_k]))
    plain, smooth, *at_k = torch.cat(parts, dim=1)
    return QueryScores(plain, smooth, dict(zip(precision_at, at_k, strict=True)))


def mean_over_classes(values: Tensor, labels: Tensor) -> float:
    """Averages within each class, then over the classes.

    Args:
        values: One per query, (Q,).
        labels: Classes of the queries, (Q,).
    """
    means = [values[labels == label].mean() for label in labels.unique()]
    return torch.stack(means).mean().item()


@METRICS.register_module()
class RetrievalMetric(BaseMetric):
    """Mean average precision of queries against a gallery, in percent.

    As Vermouth's released code: the interpolated average precision of a query, its mean
    within a class, and the mean over classes.

    - ``mAP@all``: over the whole gallery, what the paper reports;
    - ``mAP@200``: over the first 200;
    - ``mAP@all_standard``: not interpolated, the mean over queries;
    - ``P@100``, ``P@200``: precision among the first 100 and 200, the mean over
      queries.

    Example:
        >>> from mmengine.structures import BaseDataElement
        >>> metric = METRICS.build(dict(type='RetrievalMetric'))
        >>> samples = [
        ...     dict(vector=torch.eye(3)[0], gt_label=0, role='query'),
        ...     dict(vector=torch.eye(3)[0], gt_label=0, role='gallery'),
        ...     dict(vector=torch.eye(3)[1], gt_label=1, role='gallery')]
        >>> metric.process({}, samples)
        >>> metric.evaluate(3)['retrieval/mAP@all']
        100.0

    Args:
        top: Length of the short list.
        precision_at: Values of k.
        **kwargs: Of ``mmengine.evaluator.BaseMetric``.
    """

    default_prefix = 'retrieval'

    def __init__(
        self, top: int = 200, precision_at: Sequence[int] = (100, 200), **kwargs
    ) -> None:
        super().__init__(**kwargs)
        self.top = top
        self.precision_at = tuple(precision_at)

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Keeps the vectors of a batch.

        Args:
            data_batch: Not used.
            data_samples: Per picture ``vector``, ``gt_label`` and ``role``.
        """
        for sample in data_samples:
            vector = sample['vector'].detach().float().cpu().numpy()
            self.results.append((vector, sample['gt_label'], sample['role']))

    def compute_metrics(self, results: list[tuple]) -> dict[str, float]:
        """Ranks the gallery for every query.

        Args:
            results: Vector, class and role of every picture.

        Returns:
            The metrics, in percent.

        Raises:
            ValueError: There are no queries, or no gallery.
        """
        parts = {}
        for role in ('query', 'gallery'):
            rows = [row for row in results if row[2] == role]
            if not rows:
                raise ValueError(
                    f'retrieval needs pictures of both roles, and none is {role!r}; '
                    'the data sets of sketches and photos must say their role'
                )
            vectors = torch.stack([torch.from_numpy(row[0]) for row in rows])
            parts[role] = vectors, torch.tensor([row[1] for row in rows])
        (queries, labels), (gallery, gallery_labels) = parts['query'], parts['gallery']
        arguments = (queries, gallery, labels, gallery_labels)
        whole = score_queries(*arguments, precision_at=self.precision_at)
        short = score_queries(*arguments, top=self.top)
        metrics = {
            'mAP@all': mean_over_classes(whole.interpolated, labels),
            f'mAP@{self.top}': mean_over_classes(short.interpolated, labels),
            'mAP@all_standard': whole.average_precision.mean().item(),
        }
        for k, values in whole.precision.items():
            metrics[f'P@{k}'] = values.mean().item()
        return {name: 100 * value for name, value in metrics.items()}
