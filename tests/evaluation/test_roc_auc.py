import numpy as np
import pytest

from diffmm.evaluation import roc_auc


@pytest.mark.parametrize(
    'scores, positive, expected',
    [
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1.0),
        ([0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0], 0.0),
        ([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1], 0.5),
        ([0.1, 0.5, 0.5, 0.9], [0, 1, 0, 1], 0.875),
    ],
)
def test_known_areas(scores, positive, expected):
    assert roc_auc(np.array(scores), np.array(positive, bool)) == expected


def test_it_is_the_probability_of_the_right_order():
    rng = np.random.default_rng(0)
    positive = rng.random((20, 20)) < 0.2
    scores = rng.integers(0, 30, (20, 20)) + 5 * positive
    pairs = scores[positive][:, None] - scores[~positive][None]
    expected = (pairs > 0).mean() + 0.5 * (pairs == 0).mean()
    assert roc_auc(scores, positive) == pytest.approx(expected)


def test_one_class_alone_has_no_area():
    with pytest.raises(ValueError, match='got 3 and 0'):
        roc_auc(np.arange(3.0), np.ones(3, bool))
    with pytest.raises(ValueError, match=r'\(3,\) and positive \(4,\)'):
        roc_auc(np.arange(3.0), np.ones(4, bool))
