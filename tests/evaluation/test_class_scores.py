import numpy as np
import pytest
import torch

from diffmm.evaluation.class_scores import (
    ClassScores,
    NamedClasses,
    class_ious,
    fit_line,
)


def test_mean_scores_of_the_pixels_of_a_class():
    scores = ClassScores(3)
    logits = torch.zeros(3, 2, 2)
    logits[1, 0] = np.log(2.0)  # the upper pixels: 1/4, 1/2, 1/4
    labels = torch.tensor([[0, 1], [0, 255]])
    scores.add(logits, labels)
    scores.add(logits, torch.full((2, 2), 255))
    matrix = scores.matrix()
    third = (0.25 + 1 / 3) / 2
    np.testing.assert_allclose(matrix[0], [third, (0.5 + 1 / 3) / 2, third])
    np.testing.assert_allclose(matrix[1], [0.25, 0.5, 0.25])
    assert np.isnan(matrix[2]).all()


def test_ious_of_the_classes_of_a_picture():
    labels = torch.tensor([[0, 0, 1, 255]])
    prediction = torch.tensor([[0, 1, 1, 2]])
    # What lies on unlabeled pixels counts against nobody.
    assert class_ious(prediction, labels, 3) == {0: 0.5, 1: 0.5}


def test_a_line():
    line = fit_line([(0, 1), (1, 3), (2, 5)])
    assert line[:3] == pytest.approx((2, 1, 1)) and line.count == 3
    for points in (
        [(0, 1), (1, 2)],
        [(0, 1), (0, 2), (0, 3)],
        [(0, 1), (1, 1), (2, 1)],
    ):
        with pytest.raises(ValueError, match='needs three points, two values of x'):
            fit_line(points)


def test_close_words_name_a_class():
    vectors = {
        'dog': (1.0, 0.0, 0.0),
        'puppy': (0.95, 0.1, 0.0),
        'potted plant': (0.0, 1.0, 0.0),
        'plant': (0.0, 0.5, 0.5),
    }

    def encode(texts):
        return torch.tensor([vectors.get(text, (0.0, 0.0, 1.0)) for text in texts])

    named = NamedClasses(['dog', 'potted plant'], encode)
    assert named.find('A puppy, by a plant.') == {0}
    assert named.find('a potted plant') == {1}
    assert named.find('a wall') == set()
