"""Answers that an agent mends and breaks, beside simpler ways to get another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from diffmm.evaluation.referring_iou_metric import referring_scores

from .phrases import find_phrases
from .proposal import Propose
from .referring_agent import ReferringAgent, vote

FIRST = 'first answer'
AGENT = 'agent'
RANDOM = 'random corrections'
SEEDS = 'majority over seeds'
WAYS = (FIRST, AGENT, RANDOM, SEEDS)
# An answer with less IoU is wrong.
RIGHT = 0.5

Counts = dict[str, tuple[int, int]]


def answer_all_ways(
    agent: ReferringAgent,
    by_chance: Propose,
    picture: str,
    text: str,
    target: np.ndarray,
    caption: str,
    seed: int,
) -> Counts:
    """Segments what an expression means, in all of `WAYS`.

    All ways begin with the same first answer and cost the same number of runs.

    Args:
        agent: The agent.
        by_chance: The proposer of random corrections.
        picture: File of the picture.
        text: The expression.
        target: What it means, (H, W), bool.
        caption: What the picture shows.
        seed: Of the first answer; the further seeds follow it.

    Returns:
        By way, the pixels of the intersection with the target and of the union.
    """
    answer = agent(picture, text, seed, caption)
    # As many runs as the agent has, which may find fewer confusers than k.
    count = len(answer.runs)
    corrections = by_chance(text, caption, max(count, 1)).confusers[:count]
    others = agent.run(picture, text, [(each,) for each in corrections], seed)
    again = [agent.run(picture, text, [()], seed + n + 1)[0] for n in range(count)]
    first = answer.first.mask
    masks = {
        FIRST: first,
        AGENT: answer.mask,
        RANDOM: vote([run.mask for run in others], first),
        SEEDS: vote([run.mask for run in again], first),
    }
    return {
        way: (int((mask & target).sum()), int((mask | target).sum()))
        for way, mask in masks.items()
    }


def summarize(rows: Sequence[Mapping[str, Sequence[int]]]) -> dict[str, dict]:
    """Computes the figures of every way.

    Args:
        rows: Of every sentence what `answer_all_ways` returns.

    Returns:
        By way: ``oIoU`` and ``mIoU``; of the sentences whose first answer is wrong (IoU
        below 0.5), the share that it mended; of the others the share that it broke. In
        percent; None where there is no such sentence. And their numbers, ``wrong`` and
        ``right``.

    Raises:
        ValueError: There is no sentence.
    """
    if not rows:
        raise ValueError('no sentence was answered, so there is nothing to sum up')
    counts = {way: np.array([row[way] for row in rows], np.int64) for way in WAYS}
    good = {way: _ious(pair) >= RIGHT for way, pair in counts.items()}
    first = good[FIRST]
    return {
        way: {
            **{
                name: value
                for name, value in referring_scores(*counts[way].T).items()
                if name in ('oIoU', 'mIoU')
            },
            'mended': _percent(good[way][~first]),
            'broken': _percent(~good[way][first]),
            'wrong': int((~first).sum()),
            'right': int(first.sum()),
        }
        for way in WAYS
    }


def caption_vocabulary(captions: Sequence[str]) -> list[str]:
    """Lists the things that captions name, for a `RandomProposer`.

    Args:
        captions: Of all pictures.
    """
    nouns = {phrase.noun for caption in captions for phrase in find_phrases(caption)}
    return sorted(f'the {noun}' for noun in nouns)


def _ious(counts: np.ndarray) -> np.ndarray:
    return counts[:, 0] / np.maximum(counts[:, 1], 1)


def _percent(flags: np.ndarray) -> float | None:
    return 100 * float(flags.mean()) if flags.size else None
