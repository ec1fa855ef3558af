"""A referring model that corrects itself (ADDP, section 3.3, Table 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from PIL import Image

from diffmm.apis import FoundThing, ReferringPredictor, to_bgr
from diffmm.apis.image_input import Picture
from diffmm.diffusion import InstructGuidance
from diffmm.visualization.image_grid import draw_image_grid
from diffmm.visualization.predictions import paint_mask

from .proposal import Proposal, Propose

# The shorter side of a drawn picture.
_CELL = 192

Describe = Callable[[Sequence[Image.Image]], list[str]]


@dataclass(frozen=True)
class AgentAnswer:
    """The answer of a `ReferringAgent`, with all that led to it.

    Attributes:
        image: BGR picture (H, W, 3), uint8.
        text: The expression.
        caption: What the captioner says that the picture shows.
        proposal: The corrections that were tried.
        first: The answer without a correction.
        runs: The answer to each correction, with every step of denoising.
        mask: What most of the runs agree on, (H, W), bool; that of ``first`` if there
            is none.
    """

    image: np.ndarray
    text: str
    caption: str
    proposal: Proposal
    first: FoundThing
    runs: tuple[FoundThing, ...]
    mask: np.ndarray

    def draw(self, columns: int | None = None) -> np.ndarray:
        """Draws the picture, the first answer, every run and the vote.

        Args:
            columns: Pictures in a row.

        Returns:
            RGB picture, uint8.
        """
        zoom = max(1.0, _CELL / min(self.image.shape[:2]))
        image = cv2.resize(self.image[..., ::-1], None, fx=zoom, fy=zoom)
        size = image.shape[1::-1]
        masks = [self.first.mask, *(run.mask for run in self.runs), self.mask]
        large = [
            cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
            for mask in masks
        ]
        tiles = [image, *(paint_mask(image, mask > 0) for mask in large)]
        titles = [self.text, 'first answer']
        titles += [f'not {confuser}' for confuser in self.proposal.confusers]
        return draw_image_grid(tiles, [*titles, 'the vote'], columns)


class ReferringAgent:
    """A captioner, a proposer of confusers and a referring model, in two rounds.

    The captioner describes the picture. The proposer guesses what else in it the
    expression could be confused with. The model segments the picture once for each
    guess, told that it is not meant, in one batch. The pixels vote.

    Args:
        predictor: The referring model.
        describe: The captioner. ADDP: LLaVA.
        propose: The proposer. ADDP: GPT-4o.
        count: Most corrections, k. ADDP does not say.
        correction: How strongly a run keeps away from its correction. ADDP does not
            say.
        guidance: Strengths of text and picture; the model's by default.
        steps: Number of denoising steps; the model's by default.
        keep_steps: Keeps what every step predicted. That costs a pass of the VAE's
            decoder for each.

    Raises:
        ValueError: ``count`` is not positive.
    """

    def __init__(
        self,
        predictor: ReferringPredictor,
        describe: Describe,
        propose: Propose,
        count: int = 3,
        correction: float = 1.0,
        guidance: InstructGuidance | None = None,
        steps: int | None = None,
        keep_steps: bool = True,
    ) -> None:
        if count < 1:
            raise ValueError(f'count must be at least 1, got {count}')
        self.predictor = predictor
        self.describe = describe
        self.propose = propose
        self.count = count
        own = guidance or predictor.model.guidance
        self.guidances = (replace(own, correction=0.0), keep_away(own, correction))
        self.steps = steps
        self.keep_steps = keep_steps

    def __call__(
        self, picture: Picture, text: str, seed: int = 0, caption: str | None = None
    ) -> AgentAnswer:
        """Segments what an expression means.

        Args:
            picture: The picture, see `to_bgr`.
            text: The expression.
            seed: Of the noise that all runs begin with, so that they differ by their
                corrections alone.
            caption: What the picture shows; None asks the captioner.

        Returns:
            The answer.

        Raises:
            ValueError: The picture or the expression cannot be used.
        """
        image = to_bgr(picture)
        if caption is None:
            (caption,) = self.describe([Image.fromarray(image[..., ::-1])])
        proposal = self.propose(text, caption, self.count)
        (first,) = self.run(image, text, [()], seed)
        runs = self.run(image, text, [(each,) for each in proposal.confusers], seed)
        mask = vote([run.mask for run in runs], first.mask)
        return AgentAnswer(image, text, caption, proposal, first, tuple(runs), mask)

    def run(
        self,
        picture: Picture,
        text: str,
        corrections: Sequence[Sequence[str]],
        seed: int,
    ) -> list[FoundThing]:
        """Runs the model in one batch.

        Args:
            picture: The picture.
            text: The expression.
            corrections: For each run what is not meant; perhaps no run, or none with a
                correction.
            seed: Of the noise of all runs.

        Returns:
            The answer of each run.
        """
        if not corrections:
            return []
        return self.predictor.find_each(
            picture,
            text,
            corrections,
            self.guidances[any(corrections)],
            seed,
            self.steps,
            keep_steps=self.keep_steps,
        )


def keep_away(guidance: InstructGuidance, strength: float) -> InstructGuidance:
    """Adds a correction to a guidance (ADDP, Figure 2): (1 + w) e(D) - w e(D^-).

    Args:
        guidance: Strengths of text and picture.
        strength: Of the correction, w.

    Returns:
        The same, as much farther towards the text as away from the correction.
    """
    return replace(guidance, text=guidance.text + strength, correction=strength)


def vote(masks: Sequence[np.ndarray], first: np.ndarray) -> np.ndarray:
    """Joins masks, pixel by pixel, by the majority.

    ADDP does not say what votes. Where as many masks have a pixel as have it not, the
    first answer decides (ours).

    Args:
        masks: k masks, bool, shape (H, W); k may be 0.
        first: The answer without a correction, bool, shape (H, W).

    Returns:
        Bool, shape (H, W).
    """
    votes = 2 * sum(masks, np.zeros(first.shape, int))
    return np.where(votes == len(masks), first, votes > len(masks))
