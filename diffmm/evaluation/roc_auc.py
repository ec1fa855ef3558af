"""Area under the ROC curve."""

from __future__ import annotations

import numpy as np


def roc_auc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Probability that a positive scores higher than a negative, ties counting half.

    Args:
        scores: Scores, any shape.
        positive: Which of them are positive, same shape, bool.

    Returns:
        The area: 1 separates perfectly, 0.5 is chance.

    Raises:
        ValueError: The shapes differ, or there are only positives or only negatives.
    """
    if scores.shape != positive.shape:
        raise ValueError(
            f'scores {scores.shape} and positive {positive.shape} differ in shape'
        )
    positive = positive.ravel().astype(bool)
    num_positive, num_negative = positive.sum(), (~positive).sum()
    if not num_positive or not num_negative:
        raise ValueError(
            f'the area needs positives and negatives, got {num_positive} and '
            f'{num_negative}'
        )
    _, level, counts = np.unique(
        scores.ravel(), return_inverse=True, return_counts=True
    )
    last_rank = counts.cumsum()
    rank = (last_rank - (counts - 1) / 2)[level]  # ties share their mean rank
    excess = rank[positive].sum() - num_positive * (num_positive + 1) / 2
    return float(excess / (num_positive * num_negative))
