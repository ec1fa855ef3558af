"""Scores and lines that show what texts do to a model (TADP, supplement A, B)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from scipy.stats import linregress
from torch import Tensor

# Cosine from which a word of a caption names a class (TADP, Figure S5).
MATCH = 0.9


class ClassScores:
    """Mean scores of all classes on the pixels of each (TADP, Figure S4).

    Args:
        num_classes: Number of classes C.
    """

    def __init__(self, num_classes: int) -> None:
        self._sums = torch.zeros(num_classes, num_classes, dtype=torch.float64)
        self._counts = torch.zeros(num_classes, dtype=torch.float64)

    def add(self, logits: Tensor, labels: Tensor) -> None:
        """Adds a picture.

        Args:
            logits: Shape (C, H, W).
            labels: Shape (H, W); values that are no class are left out.
        """
        scores = logits.double().softmax(dim=0).flatten(1)  # (C, HW)
        labels = labels.flatten()
        kept = labels < len(self._counts)
        one_hot = torch.zeros(len(self._counts), int(kept.sum()), dtype=torch.float64)
        one_hot.scatter_(0, labels[kept].long()[None], 1.0)
        self._sums += one_hot @ scores[:, kept].T
        self._counts += one_hot.sum(dim=1)

    def matrix(self) -> np.ndarray:
        """Computes the means.

        Returns:
            Shape (C, C): row i has the scores on pixels of class i and sums to 1; a
            class without pixels has NaN.
        """
        means = self._sums / self._counts[:, None]
        return means.numpy()


class Regression(NamedTuple):
    """A line through points.

    Attributes:
        slope: Its slope.
        intercept: Its value at 0.
        r: Pearson's correlation.
        p: Probability of such an r if there were none.
        count: Number of points.
    """

    slope: float
    intercept: float
    r: float
    p: float
    count: int


def fit_line(points: Sequence[tuple[float, float]]) -> Regression:
    """Fits a line by least squares.

    Args:
        points: Pairs of x and y.

    Returns:
        The line.

    Raises:
        ValueError: There are fewer than three points, or all have one x or one y.
    """
    values = [sorted({point[axis] for point in points}) for axis in (0, 1)]
    if len(points) < 3 or min(map(len, values)) < 2:
        raise ValueError(
            'a line needs three points, two values of x and two of y, got '
            f'{len(points)} points with x in {values[0][:3]} and y in {values[1][:3]}'
        )
    found = linregress(*zip(*points, strict=True))
    return Regression(
        float(found.slope),
        float(found.intercept),
        float(found.rvalue),
        float(found.pvalue),
        len(points),
    )


def class_ious(
    prediction: Tensor, labels: Tensor, num_classes: int
) -> dict[int, float]:
    """Computes the IoU of every class that a picture shows.

    Args:
        prediction: Class of every pixel, shape (H, W).
        labels: True ones, shape (H, W); values that are no class are left out.
        num_classes: Number of classes.

    Returns:
        IoU by class.
    """
    known = labels < num_classes
    ious = {}
    for label in labels[known].unique().tolist():
        truth, guess = labels == label, (prediction == label) & known
        ious[label] = float((truth & guess).sum() / (truth | guess).sum())
    return ious


class NamedClasses:
    """The classes that a caption names, by the cosine of encoded words.

    TADP, Figure S5: a word names a class if the two are close to CLIP's text encoder.

    Args:
        classes: Names of the classes.
        encode: Maps texts to features (T, D).
        match: Cosine from which they are one.
    """

    def __init__(
        self,
        classes: Sequence[str],
        encode: Callable[[list[str]], Tensor],
        match: float = MATCH,
    ) -> None:
        self._encode = encode
        self._match = match
        self._classes = _unit(encode(list(classes)))
        self._known: dict[str, set[int]] = {}

    def find(self, caption: str) -> set[int]:
        """Finds the classes of a caption.

        Args:
            caption: The caption.

        Returns:
            Indices of the classes.
        """
        words = caption.lower().replace(',', ' ').replace('.', ' ').split()
        pairs = [f'{one} {two}' for one, two in zip(words, words[1:], strict=False)]
        new = sorted({*words, *pairs} - self._known.keys())
        if new:
            close = _unit(self._encode(new)) @ self._classes.T >= self._match
            for word, row in zip(new, close, strict=True):
                self._known[word] = set(row.nonzero().flatten().tolist())
        return set().union(*(self._known[word] for word in (*words, *pairs)))


def _unit(features: Tensor) -> Tensor:
    return torch.nn.functional.normalize(features.float(), dim=1)
