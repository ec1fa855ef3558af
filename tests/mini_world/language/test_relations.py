import dataclasses

import pytest

from diffmm.mini_world.language.relations import (
    POSITION_TESTS,
    RELATION_TESTS,
    Relation,
)
from tests.mini_world.builders import make_item


def outcome(test, first, second):
    found = test(first, second)
    return 'clear' if found.clear else 'excluded' if found.excluded else 'doubtful'


@pytest.mark.parametrize(
    ('x', 'expected'), [(0.2, 'clear'), (0.45, 'doubtful'), (0.55, 'excluded')]
)
def test_left_and_right(x, expected):
    first, second = make_item(x=x), make_item(x=0.5)
    assert outcome(RELATION_TESTS['left'], first, second) == expected
    assert outcome(RELATION_TESTS['right'], second, first) == expected
    assert outcome(POSITION_TESTS['leftmost'], first, second) == expected
    assert outcome(POSITION_TESTS['rightmost'], second, first) == expected


@pytest.mark.parametrize(
    ('ground', 'expected'), [(0.9, 'clear'), (0.82, 'doubtful'), (0.78, 'excluded')]
)
def test_nearest_and_farthest(ground, expected):
    first, second = make_item(ground=ground), make_item(ground=0.8)
    assert outcome(POSITION_TESTS['nearest'], first, second) == expected
    assert outcome(POSITION_TESTS['farthest'], second, first) == expected


@pytest.mark.parametrize(
    ('ground', 'x', 'expected'),
    [
        (0.9, 0.5, 'clear'),
        (0.82, 0.5, 'doubtful'),
        (0.9, 0.72, 'doubtful'),
        (0.9, 0.95, 'excluded'),
        (0.7, 0.5, 'excluded'),
    ],
)
def test_in_front_and_behind(ground, x, expected):
    first, second = make_item(ground=ground, x=x), make_item(ground=0.8)
    assert outcome(RELATION_TESTS['front'], first, second) == expected
    assert outcome(RELATION_TESTS['behind'], second, first) == expected


def test_a_relation_can_be_doubtful():
    doubtful = Relation(clear=False, excluded=False)
    assert doubtful != Relation(clear=True, excluded=False)
    assert doubtful != Relation(clear=False, excluded=True)
    with pytest.raises(dataclasses.FrozenInstanceError):
        doubtful.clear = True
