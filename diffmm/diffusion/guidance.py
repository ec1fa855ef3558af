"""Guidance by an image, a text, and what the text does not mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import NamedTuple

from torch import Tensor

RULES = ('instruct_pix2pix', 'instruct_diffusion')
Strength = float | Sequence[float]


class Branch(NamedTuple):
    """Conditions that a network sees in one of the passes that guidance combines.

    Attributes:
        image: The image, or none.
        text: ``EMPTY``, ``TARGET``, or ``CORRECTION`` plus the number of a correction.
    """

    image: bool
    text: int


EMPTY, TARGET, CORRECTION = range(3)
# What a negative strength would mean.
_NEGATIVE = dict(
    text='away from the text',
    image='away from the image',
    correction='to what is not meant',
)
_WHOLE = Branch(image=True, text=TARGET)


@dataclass(frozen=True)
class InstructGuidance:
    r"""Classifier-free guidance with two conditions, and a text to keep away from.

    With the predictions :math:`e(D, I)` for text and image, the empty text
    :math:`\phi` and correctional texts :math:`D^-`, InstructPix2Pix (section 3.2.1) and
    ADDP (Eq. 5) compute

    .. math:: e(\phi, \phi) + w_I [e(\phi, I) - e(\phi, \phi)]
       + w_D^- [e(D^-, I) - e(\phi, I)] + w_D [e(D, I) - e(D^-, I)].

    It holds for the noise, the velocity and the clean latents alike: all branches see
    the same latents, and their coefficients sum to 1. A branch whose coefficient is
    always 0 does not run.

    A strength is a number, or several of them that divide the timesteps into equal
    parts, the noisiest first. With as many as there are steps it is one for each.

    Example:
        >>> InstructGuidance(text=7.5, image=1.5).branches()
        (Branch(image=False, text=0), Branch(image=True, text=0),
         Branch(image=True, text=1))
        >>> InstructGuidance(text=1, image=1).branches()
        (Branch(image=True, text=1),)

    Args:
        text: :math:`w_D`. InstructPix2Pix: 7.5; ADDP does not say; 1 is off.
        image: :math:`w_I`. InstructPix2Pix: 1.5; ADDP does not say; 1 is off.
        correction: :math:`w_D - w_D^-`, by which a prediction keeps away from the
            correction; 0 is off. ADDP: positive. Several corrections share it equally
            (ours), that is, their mean takes the place of :math:`e(D^-, I)`.
        rule: ``'instruct_diffusion'`` starts from the mean of :math:`e(\phi, I)` and
            :math:`e(D, \phi)`, and measures the image against :math:`e(D, \phi)`, as
            InstructDiffusion does (5.0 and 1.25 there; 7.5 and 1.5 for segmentation).
            It knows no correction.

    Raises:
        ValueError: The rule is unknown, a strength is empty, negative, infinite or no
            number, or the rule knows no correction.
    """

    text: Strength = 7.5
    image: Strength = 1.5
    correction: Strength = 0.0
    rule: str = RULES[0]

    def __post_init__(self) -> None:
        """Checks the arguments."""
        if self.rule not in RULES:
            raise ValueError(f'rule must be one of {RULES}, got {self.rule!r}')
        for name in ('text', 'image', 'correction'):
            strength = getattr(self, name)
            values = _parts(strength)
            numbers = all(isinstance(value, Real) for value in values)
            if not values or not numbers or not all(map(math.isfinite, values)):
                raise ValueError(
                    f'the strength {name}={strength!r} must be a finite number, or a '
                    'sequence of some'
                )
            if min(values) < 0:
                raise ValueError(
                    f'{name}={strength!r} must not be negative: that would lead '
                    + _NEGATIVE[name]
                )
        if self.rule != RULES[0] and self.corrects:
            raise ValueError(
                f'rule={self.rule!r} knows no correction, got {self.correction!r}'
            )

    @property
    def corrects(self) -> bool:
        """Tells if corrections have any strength."""
        return any(_parts(self.correction))

    def branches(self, corrections: int = 0) -> tuple[Branch, ...]:
        """Lists the passes that have to run.

        Args:
            corrections: Number of correctional texts.

        Returns:
            The branches whose coefficient is not 0 everywhere.
        """
        strengths = (self.text, self.image, self.correction)
        # All strengths change at multiples of one of these.
        count = math.lcm(*(len(_parts(strength)) for strength in strengths))
        found: dict[Branch, None] = {}
        for part in range(count):
            coefficients = self._coefficients(part / count, corrections)
            found |= {branch: None for branch, value in coefficients.items() if value}
        return tuple(sorted(found)) or (_WHOLE,)

    def combine(
        self,
        predicted: Tensor,
        branches: Sequence[Branch],
        timestep: float,
        num_timesteps: int = 1000,
    ) -> Tensor:
        """Combines the predictions of all branches.

        Args:
            predicted: What the network predicts in each branch, shape (K, B, C, h, w).
            branches: The K branches, as `branches` lists them.
            timestep: Where it predicts.
            num_timesteps: Length of the schedule.

        Returns:
            The guided prediction, shape (B, C, h, w).
        """
        corrections = max(0, *(branch.text - TARGET for branch in branches))
        passed = (num_timesteps - 1 - round(timestep)) / num_timesteps
        coefficients = self._coefficients(passed, corrections)
        if len(branches) == 1:
            return predicted[0]
        weights = predicted.new_tensor([coefficients[branch] for branch in branches])
        return (weights.view(-1, 1, 1, 1, 1) * predicted).sum(dim=0)

    def _coefficients(self, passed: float, corrections: int) -> dict[Branch, float]:
        """Coefficients of all branches when a share of the timesteps has passed."""
        text, image, correction = (
            _at(strength, passed)
            for strength in (self.text, self.image, self.correction)
        )
        empty = Branch(image=True, text=EMPTY)
        if self.rule == 'instruct_diffusion':
            blind = Branch(image=False, text=TARGET)
            return {_WHOLE: text + image, empty: 0.5 - text, blind: 0.5 - image}
        found = {Branch(image=False, text=EMPTY): 1 - image, _WHOLE: text}
        found[empty] = image - text
        if corrections:
            found[empty] += correction
            for number in range(corrections):
                branch = Branch(image=True, text=CORRECTION + number)
                found[branch] = -correction / corrections
        return found


def _parts(strength: Strength) -> tuple[float, ...]:
    if isinstance(strength, Sequence) and not isinstance(strength, str):
        return tuple(strength)
    return (strength,)


def _at(strength: Strength, passed: float) -> float:
    parts = _parts(strength)
    # Shares are multiples of 1 / T, which floats miss by a little.
    return parts[min(int(passed * len(parts) + 1e-6), len(parts) - 1)]
