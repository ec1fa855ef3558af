from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from diffmm.agents import ReferringAgent, RuleProposer, vote
from diffmm.apis import FoundThing, ReferringStep
from diffmm.diffusion import InstructGuidance

PICTURE = np.full((64, 80, 3), 200, np.uint8)


class Halves:
    """A model whose answer is wrong until it hears that the tree is not meant."""

    model = SimpleNamespace(guidance=InstructGuidance(text=3.0, image=2.0))

    def __init__(self):
        self.calls = []

    def find_each(
        self, image, text, corrections, guidance, seed, steps, keep_steps=True
    ):
        self.calls.append((text, list(corrections), guidance, seed, steps, keep_steps))
        found = []
        for own in corrections:
            left = own in ((), ('the sky',))
            mask = np.zeros(image.shape[:2], bool)
            mask[:, slice(0, 40) if left else slice(40, 80)] = True
            result = ReferringStep(0.0, mask.astype(np.float32), mask, 1.0)
            found.append(FoundThing(image, text, own, result))
        return found


def agent(caption='a ball and a tree on the grass under a sky', **options):
    model = Halves()
    return model, ReferringAgent(model, lambda _: [caption], RuleProposer(), **options)


def test_everything_is_kept():
    model, ask = agent(correction=2.0)
    answer = ask(PICTURE, 'the ball', seed=7)
    assert answer.caption.startswith('a ball and a tree')
    assert answer.proposal.confusers == ('the tree', 'the grass', 'the sky')
    assert answer.first.mask[:, :40].all() and not answer.first.mask[:, 40:].any()
    assert len(answer.runs) == 3 and answer.runs[2].mask[0, 0]
    assert [run.corrections for run in answer.runs][1] == ('the grass',)
    # Two of three runs mend it.
    assert answer.mask[:, 40:].all() and not answer.mask[:, :40].any()
    # The runs are one batch, with the noise of the first answer.
    runs = [('the tree',), ('the grass',), ('the sky',)]
    assert model.calls == [
        ('the ball', [()], InstructGuidance(3.0, 2.0), 7, None, True),
        ('the ball', runs, InstructGuidance(5.0, 2.0, 2.0), 7, None, True),
    ]
    drawn = answer.draw(columns=3)
    assert drawn.dtype == np.uint8 and drawn.shape[1] == 3 * 240


def test_without_confusers_the_first_answer_stays():
    model, ask = agent('a ball')
    answer = ask(PICTURE, 'the ball')
    assert answer.runs == ()
    np.testing.assert_array_equal(answer.mask, answer.first.mask)
    assert answer.draw().ndim == 3


def test_a_caption_may_be_given():
    _, ask = agent()
    ask.describe = None
    assert ask(PICTURE, 'the ball', caption='a box').proposal.confusers == ('the box',)


def test_k_is_checked():
    _, ask = agent(count=1)
    assert len(ask(PICTURE, 'the ball').runs) == 1
    with pytest.raises(ValueError, match='count must be at least 1, got 0'):
        agent(count=0)


def test_votes():
    masks = np.array([[[1, 1, 0, 0]], [[1, 0, 1, 0]]], bool)
    first = np.array([[False, True, False, True]])
    # A tie keeps the first answer.
    assert vote(masks, first).tolist() == [[True, True, False, False]]
    assert vote(masks[[0, 1, 1]], first).tolist() == [[True, False, True, False]]
    assert vote(masks[:0], first).tolist() == first.tolist()
