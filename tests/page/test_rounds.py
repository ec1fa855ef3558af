from __future__ import annotations

import numpy as np
import pytest

from diffmm.page.rounds import MAX_ROUNDS, Round, Session, split_things

MASK = np.eye(8, dtype=bool)


def rounds_of(session):
    return [each.title for each in session.rounds]


def test_corrections_add_up_and_undo_takes_them_back():
    session = Session()
    picture = np.zeros((8, 8, 3), np.uint8)
    session.choose(picture)
    assert session.add(picture, Round('the ball', (), MASK))
    first = session.corrections_with('the ball', 'the box,  the  tree;')
    assert first == ('the box', 'the tree')
    session.add(picture, Round('the ball', first, MASK))
    both = session.corrections_with('the ball', 'the cup, the box')
    assert both == ('the box', 'the tree', 'the cup')
    # Another text begins anew.
    assert session.corrections_with('the car', 'the cup') == ('the cup',)
    assert rounds_of(session) == ['the ball', 'the ball, not the box, not the tree']
    assert session.undo().text == 'the ball' and len(session.rounds) == 1
    assert session.undo() is None and session.undo() is None
    with pytest.raises(ValueError, match='say what it is not'):
        session.corrections_with('the ball', ' , ')


def test_rounds_of_another_picture_are_dropped():
    session = Session()
    old, new = np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 3), np.uint8)
    session.choose(old)
    session.add(old, Round('a', (), MASK))
    session.choose(new)
    assert session.rounds == [] and not session.add(old, Round('a', (), MASK))
    for number in range(MAX_ROUNDS + 3):
        session.add(new, Round(str(number), (), MASK))
    assert len(session.rounds) == MAX_ROUNDS and session.rounds[0].text == '3'


def test_an_overlay_paints_the_mask_alone():
    picture = np.full((8, 8, 3), (10, 100, 200), np.uint8)
    mask = np.zeros((8, 8), bool)
    mask[:4] = True
    found = Round('the ball', (), mask)
    painted = found.overlay(picture)
    assert found.share == 0.5
    assert (painted[5:] == (200, 100, 10)).all()
    assert (painted[0] != (200, 100, 10)).all()


def test_things_are_split():
    assert split_things('a, b b;\nc,, a ') == ['a', 'b b', 'c']
