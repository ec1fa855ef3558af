"""The models behind the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from diffmm.agents import AgentAnswer, ReferringAgent, RuleProposer, keep_away
from diffmm.agents.proposal import Propose
from diffmm.apis import (
    DepthImage,
    DepthProbe,
    NameProbe,
    ReferringPredictor,
    ReferringStep,
    SegmentedImage,
)
from diffmm.datasets.captioning import Captioner
from diffmm.diffusion import InstructGuidance
from diffmm.models.perceptors import InstructPerceptor


class Strengths(NamedTuple):
    """The settings of the page's sliders.

    Attributes:
        text: Strength of the text, w_D.
        image: Strength of the picture, w_I.
        correction: How strongly an answer keeps away from corrections, w_D - w_D^-;
            the text gets as much stronger.
        steps: Denoising steps.
        seed: Of the noise.
    """

    text: float
    image: float
    correction: float
    steps: float
    seed: float

    @classmethod
    def of(cls, model: InstructPerceptor) -> Strengths:
        """Takes those that a model has by itself; of a sequence the first."""
        own = model.guidance
        text, image, correction = (
            each[0] if isinstance(each, Sequence) else each
            for each in (own.text, own.image, own.correction)
        )
        return cls(text, image, correction or 1.0, model.sampler.steps, model.seed)

    @classmethod
    def read(cls, values: Sequence[float | None]) -> Strengths:
        """Reads the sliders.

        Args:
            values: In the order of the attributes; None is an empty field.

        Raises:
            ValueError: A field is empty.
        """
        if None in values:
            raise ValueError('fill in every field of the guidance')
        return cls(*values)

    @property
    def guidance(self) -> InstructGuidance:
        """The guidance with these strengths, without a correction."""
        return InstructGuidance(self.text, self.image)

    def describe(self) -> str:
        """Lists them for the user."""
        return (
            f'text {self.text:g}, picture {self.image:g}, correction '
            f'{self.correction:g}, {self.steps:g} steps, seed {self.seed:g}'
        )


class PageModels:
    """The models behind the page; all but the first are loaded when they are needed.

    Args:
        predictor: The referring model.
        propose: Who proposes confusers to the agent; rules by default.
        captioner: As for `Captioner`.
        device: Where captioner, depth and names run.

    Attributes:
        strengths: What the sliders show at first: those of the model.
    """

    def __init__(
        self,
        predictor: ReferringPredictor,
        propose: Propose | None = None,
        captioner: str = 'mini-captioner',
        device: str = 'cpu',
    ) -> None:
        self.predictor = predictor
        self.propose = propose or RuleProposer()
        self.device = device
        self.strengths = Strengths.of(predictor.model)
        self._captioner = captioner

    def find(
        self,
        picture: np.ndarray,
        text: str,
        corrections: Sequence[str],
        strengths: Strengths,
    ) -> Iterator[ReferringStep]:
        """Finds what a text means, step by step.

        Args:
            picture: BGR, (H, W, 3), uint8.
            text: What to find.
            corrections: What it is not.
            strengths: Of the guidance.

        Yields:
            The steps, and behind them the result.

        Raises:
            ValueError: The picture or a text cannot be used.
        """
        guidance = strengths.guidance
        if corrections:
            guidance = keep_away(guidance, strengths.correction)
        yield from self.predictor.watch(
            picture,
            text,
            corrections,
            guidance,
            int(strengths.seed),
            int(strengths.steps),
        )

    def agent(
        self, picture: np.ndarray, text: str, strengths: Strengths
    ) -> AgentAnswer:
        """Lets the agent find what a text means.

        Args:
            picture: BGR, (H, W, 3), uint8.
            text: What to find.
            strengths: Of the guidance.

        Raises:
            ValueError: The picture or the text cannot be used.
        """
        agent = ReferringAgent(
            self.predictor,
            self._describe,
            self.propose,
            correction=strengths.correction,
            guidance=strengths.guidance,
            steps=int(strengths.steps),
            keep_steps=False,
        )
        return agent(picture, text, int(strengths.seed))

    def depth(self, picture: np.ndarray) -> DepthImage:
        """Estimates depth.

        Args:
            picture: BGR, (H, W, 3), uint8.
        """
        return self._depth_probe(picture)

    def names(self, picture: np.ndarray, names: Sequence[str]) -> SegmentedImage:
        """Divides a picture among names.

        Args:
            picture: BGR, (H, W, 3), uint8.
            names: The names.

        Raises:
            ValueError: As `NameProbe`.
        """
        return self._name_probe(picture, names)

    @cached_property
    def _describe(self) -> Captioner:
        return Captioner(self._captioner, self.device)

    @cached_property
    def _depth_probe(self) -> DepthProbe:
        return DepthProbe.shipped(self.device)

    @cached_property
    def _name_probe(self) -> NameProbe:
        return NameProbe.shipped(self.device)
