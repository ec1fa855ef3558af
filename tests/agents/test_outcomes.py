from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from diffmm.agents import RandomProposer, ReferringAgent, RuleProposer
from diffmm.agents.outcomes import (
    AGENT,
    FIRST,
    RANDOM,
    SEEDS,
    answer_all_ways,
    caption_vocabulary,
    summarize,
)
from diffmm.apis import FoundThing, ReferringStep
from diffmm.diffusion import InstructGuidance

TARGET = np.zeros((64, 64), bool)
TARGET[:, 32:] = True


class Halves:
    """Right with the tree as a correction, or with an even seed."""

    model = SimpleNamespace(guidance=InstructGuidance())

    def find_each(self, image, text, corrections, guidance, seed, steps, **_):
        found = []
        for own in corrections:
            right = own == ('the tree',) or (own == () and seed % 2 == 0)
            mask = np.zeros((64, 64), bool)
            mask[:, slice(32, 64) if right else slice(0, 32)] = True
            result = ReferringStep(0.0, mask.astype(np.float32), mask, 1.0)
            found.append(FoundThing(image, text, own, result))
        return found


def test_all_ways_answer_with_the_same_number_of_runs():
    agent = ReferringAgent(Halves(), None, RuleProposer(), count=3)
    picture = np.zeros((64, 64, 3), np.uint8)
    by_chance = RandomProposer(['the cup', 'the dog', 'the bus', 'the box'])
    arguments = (picture, 'the ball', TARGET)
    counts = answer_all_ways(agent, by_chance, *arguments, 'a ball and a tree', 1)
    # One confuser, so one run each: seed 2 is right, a random correction is not.
    assert counts == {
        FIRST: (0, 4096),
        AGENT: (2048, 2048),
        SEEDS: (2048, 2048),
        RANDOM: (0, 4096),
    }
    counts = answer_all_ways(agent, by_chance, *arguments, 'a ball', 1)
    assert set(counts.values()) == {(0, 4096)}


def test_figures():
    good, bad = (9, 10), (1, 10)
    rows = [
        {FIRST: bad, AGENT: good, RANDOM: bad, SEEDS: bad},
        {FIRST: bad, AGENT: bad, RANDOM: bad, SEEDS: good},
        {FIRST: good, AGENT: good, RANDOM: bad, SEEDS: good},
    ]
    summary = summarize(rows)
    assert (summary[AGENT]['mended'], summary[AGENT]['broken']) == (50, 0)
    assert (summary[RANDOM]['mended'], summary[RANDOM]['broken']) == (0, 100)
    assert (summary[FIRST]['mended'], summary[FIRST]['broken']) == (0, 0)
    assert summary[AGENT]['wrong'] == 2 and summary[AGENT]['right'] == 1
    assert summary[AGENT]['oIoU'] == pytest.approx(100 * 19 / 30)
    assert summarize(rows[:1])[AGENT]['broken'] is None
    with pytest.raises(ValueError, match='no sentence was answered'):
        summarize([])


def test_vocabulary():
    captions = ['two cars and a tree', 'a tree on the grass']
    assert caption_vocabulary(captions) == ['the car', 'the grass', 'the tree']
