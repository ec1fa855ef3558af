from __future__ import annotations

import pytest

from diffmm.agents import FallbackProposer, Proposer, ProposerError, RuleProposer
from diffmm.agents.proposal import accept, names_target, parse_list

CAPTION = 'a ball, two boxes and a tree on the grass'


class Says(Proposer):
    """Proposes what it is told to."""

    source = 'it'

    def __init__(self, answers):
        self.answers = answers

    def candidates(self, text, caption, count):
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers


@pytest.mark.parametrize(
    ('phrase', 'text', 'expected'),
    [
        ('the red ball', 'red ball', True),
        ('THE  BALL', 'the red ball left of the tree', True),
        ('balls', 'the red ball', True),
        ('the ball left of the tree', 'the red ball left of the tree', True),
        ('the blue ball', 'the red ball', False),
        ('the tree', 'the red ball left of the tree', False),
        ('the ball right of the tree', 'the ball left of the tree', False),
        ('the rightmost ball', 'the leftmost ball', False),
    ],
)
def test_the_target_itself_is_known(phrase, text, expected):
    assert names_target(phrase, text) is expected


def test_garbage_and_the_target_are_left_out_with_a_note():
    long = 'a very ' * 30 + 'long tree'
    candidates = ['the red ball', 'the tree', '', '#§$%', 'the  tree', long, 'a box']
    kept, notes = accept([*candidates, '27', 'of the'], 'the red ball')
    assert kept == ['the tree', 'a box']
    assert notes[0] == "'the red ball' names the target itself"
    assert len(notes) == 6 and "'#§$%' is no short noun phrase" in notes
    assert max(map(len, notes)) < 80


def test_at_most_k_and_never_less_than_one():
    proposal = Says(['a tree', 'a box', 'a cup'])('the red ball', CAPTION, 2)
    assert proposal.confusers == ('a tree', 'a box') and proposal.source == 'it'
    with pytest.raises(ValueError, match='count must be at least 1, got 0'):
        RuleProposer()('the ball', CAPTION, 0)


@pytest.mark.parametrize(
    ('answers', 'note'),
    [
        ([], 'it named nothing usable; rules took its place'),
        (['the ball', '***'], 'it named nothing usable; rules took its place'),
        (ProposerError('it is down'), 'it is down; rules took its place'),
    ],
)
def test_another_proposer_takes_the_place_of_one_that_has_nothing(answers, note):
    proposal = FallbackProposer(Says(answers), RuleProposer())('ball', CAPTION, 3)
    assert proposal.confusers == ('the box', 'the tree', 'the grass')
    assert proposal.source == 'rules' and note in proposal.notes


def test_no_place_is_taken_without_need():
    proposal = FallbackProposer(Says(['a cup']), RuleProposer())('ball', CAPTION, 3)
    assert proposal == (('a cup',), 'it', ())


@pytest.mark.parametrize(
    ('answer', 'expected'),
    [
        ('["the tree", "a box"]', ['the tree', 'a box']),
        ('```json\n["the tree",\n "a box"]\n```', ['the tree', 'a box']),
        ('Sure! Here you are:\n1. the tree\n2) a box.\n', ['the tree', 'a box']),
        ('- the tree\n* a box', ['the tree', 'a box']),
        ('the tree, a box', ['the tree', 'a box']),
        ('the tree", "a box"]', ['the tree', 'a box']),
        ('[]', []),
        ('', []),
    ],
)
def test_lists_are_read(answer, expected):
    assert parse_list(answer) == expected
