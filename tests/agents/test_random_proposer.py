from __future__ import annotations

import pytest

from diffmm.agents import RandomProposer


def test_chance_repeats_itself():
    words = ['the dog', 'the cup', 'the ball', 'the car', 'the tree']
    proposer = RandomProposer(words)
    first = proposer('the red ball', 'a ball', 3)
    assert first == proposer('the red ball', 'a ball', 3)
    assert len(first.confusers) == 3 and 'the ball' not in first.confusers
    others = {RandomProposer(words, seed)('x', '', 1).confusers for seed in range(9)}
    assert len(others) > 1
    with pytest.raises(ValueError, match='needs a vocabulary'):
        RandomProposer([])
