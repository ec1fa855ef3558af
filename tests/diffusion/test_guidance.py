from __future__ import annotations

import pytest
import torch

from diffmm.diffusion.guidance import (
    CORRECTION,
    EMPTY,
    TARGET,
    Branch,
    InstructGuidance,
)

NOTHING = Branch(image=False, text=EMPTY)
IMAGE = Branch(image=True, text=EMPTY)
WHOLE = Branch(image=True, text=TARGET)
DENIED = Branch(image=True, text=CORRECTION)
BLIND = Branch(image=False, text=TARGET)


@pytest.fixture(scope='module')
def predictions():
    generator = torch.Generator().manual_seed(0)
    branches = (NOTHING, IMAGE, WHOLE, DENIED, DENIED._replace(text=3), BLIND)
    return {each: torch.randn(2, 4, 3, 3, generator=generator) for each in branches}


def guide(predictions, corrections=0, timestep=500, **strengths):
    guidance = InstructGuidance(**strengths)
    branches = guidance.branches(corrections)
    stacked = torch.stack([predictions[branch] for branch in branches])
    return guidance.combine(stacked, branches, timestep), branches


def test_without_guidance_only_the_whole_condition_runs(predictions):
    guided, branches = guide(predictions, text=1, image=1)
    assert branches == (WHOLE,) and torch.equal(guided, predictions[WHOLE])


def test_both_rules_of_two_conditions(predictions):
    nothing, image, whole, blind = (
        predictions[branch] for branch in (NOTHING, IMAGE, WHOLE, BLIND)
    )
    guided, branches = guide(predictions, text=7.5, image=1.5)
    assert branches == (NOTHING, IMAGE, WHOLE)
    expected = nothing + 7.5 * (whole - image) + 1.5 * (image - nothing)
    torch.testing.assert_close(guided, expected)
    rule = dict(text=5.0, image=1.25, rule='instruct_diffusion')
    guided, branches = guide(predictions, **rule)
    assert NOTHING not in branches and len(branches) == 3
    expected = (image + blind) / 2 + 5 * (whole - image) + 1.25 * (whole - blind)
    torch.testing.assert_close(guided, expected)


def test_identities_of_the_correction(predictions):
    plain, branches = guide(predictions, text=3, image=1.5)
    # A strength of 0 is plain guidance, and its branch does not run.
    same, others = guide(predictions, 1, text=3, image=1.5, correction=0)
    assert others == branches and torch.equal(same, plain)
    # So it is if the correction says nothing.
    silent = predictions | {DENIED: predictions[IMAGE]}
    found, _ = guide(silent, 1, text=3, image=1.5, correction=2)
    torch.testing.assert_close(found, plain)
    # A correction that is the text weakens it.
    itself = predictions | {DENIED: predictions[WHOLE]}
    found, _ = guide(itself, 1, text=3, image=1.5, correction=2)
    weaker, _ = guide(predictions, text=1, image=1.5)
    torch.testing.assert_close(found, weaker)
    # Figure 2's shorthand.
    found, branches = guide(predictions, 1, text=3, image=1, correction=2)
    assert branches == (WHOLE, DENIED)
    expected = 3 * predictions[WHOLE] - 2 * predictions[DENIED]
    torch.testing.assert_close(found, expected)


def test_several_corrections_share_the_strength(predictions):
    found, branches = guide(predictions, 2, text=3, image=1.5, correction=2)
    assert len(branches) == 5
    other = predictions[DENIED._replace(text=3)]
    mean = predictions | {DENIED: (predictions[DENIED] + other) / 2}
    expected, _ = guide(mean, 1, text=3, image=1.5, correction=2)
    torch.testing.assert_close(found, expected)


def test_strengths_of_parts_of_the_timesteps(predictions):
    strengths = dict(text=(3, 2, 1), image=1, correction=(1, 0))
    for timestep, text, correction in (
        *((999, 3, 1), (666, 3, 1), (665, 2, 1), (500, 2, 1), (499, 2, 0)),
        *((333, 2, 0), (332, 1, 0), (0, 1, 0)),
    ):
        found, branches = guide(predictions, 1, timestep, **strengths)
        assert set(branches) == {WHOLE, DENIED, IMAGE}
        expected = (
            text * predictions[WHOLE]
            - correction * predictions[DENIED]
            + (1 - text + correction) * predictions[IMAGE]
        )
        torch.testing.assert_close(found, expected)
    # As many as there are steps: one for each, however they are spaced.
    guidance = InstructGuidance(text=tuple(range(10)), image=0)
    ones = torch.zeros(3, 1, 1, 1, 1)
    for first in (999, 901):
        for number in range(10):
            branches = guidance.branches()
            ones[branches.index(WHOLE)] = 1
            step = guidance.combine(
                ones[: len(branches)], branches, first - 100 * number
            )
            assert step.item() == number


@pytest.mark.parametrize(
    ('strengths', 'message'),
    [
        (dict(rule='sdxl'), "got 'sdxl'"),
        (dict(text=float('inf')), 'text=inf must be a finite number'),
        (dict(image=()), r'image=\(\) must be'),
        (dict(text='strong'), "text='strong'"),
        (dict(image=float('nan')), 'image=nan must be a finite number'),
        (dict(text=(1, -2)), r'text=\(1, -2\) must not be negative: .* away from'),
        (dict(correction=-1), 'correction=-1 must not be negative'),
        (dict(correction=1, rule='instruct_diffusion'), 'knows no correction, got 1'),
    ],
    ids=str,
)
def test_strengths_that_mean_nothing(strengths, message):
    with pytest.raises(ValueError, match=message):
        InstructGuidance(**strengths)
