from __future__ import annotations

import pytest

from diffmm.agents import RuleProposer

CAPTION = 'two cars, a tree and a ball on the short grass under a clear sky'


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('the red ball', ['the car', 'the tree', 'the short grass', 'the clear sky']),
        ('the leftmost car', ['the rightmost car', 'the tree', 'the ball']),
        (
            'the car behind the tree',
            ['the car in front of the tree', 'the tree', 'the ball'],
        ),
        ('the small object', ['the large object', 'the car', 'the tree', 'the ball']),
    ],
)
def test_rules(text, expected):
    proposal = RuleProposer()(text, CAPTION, 10)
    assert list(proposal.confusers[: len(expected)]) == expected
    assert proposal.source == 'rules'
    assert RuleProposer()(text, CAPTION, 1).confusers == proposal.confusers[:1]


def test_a_caption_without_other_things_has_no_confusers():
    assert RuleProposer()('the ball', 'a ball', 3).confusers == ()
    assert RuleProposer()('the ball', '', 3).confusers == ()
