"""A trained perceptor that finds what a text refers to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.structures import BaseDataElement
from torch import Tensor

from diffmm.diffusion import InstructGuidance
from diffmm.models.perceptors import InstructPerceptor
from diffmm.models.perceptors.corrections import check_corrections
from diffmm.models.perceptors.frames import restore_frame
from diffmm.models.perceptors.mask_codec import score_map
from diffmm.structures import ConditionedImages
from diffmm.utils.words import words_of

from .found_thing import FoundThing, ReferringStep
from .image_input import Picture, to_bgr
from .image_predictor import ImagePredictor
from .shipped import REFERRING


class ReferringPredictor(ImagePredictor):
    """A trained perceptor that finds what a text refers to.

    Without arguments it is the small model that comes with DiffMM, for pictures of the
    mini world. Calling it predicts pictures without the steps in between; `find` and
    its neighbors know corrections.

    Args:
        config: As for `ImagePredictor`.
        checkpoint: As for `ImagePredictor`.
        device: As for `ImagePredictor`.
        cfg_options: As for `ImagePredictor`.

    Raises:
        ValueError: The config's model is no `InstructPerceptor` that finds masks, or as
            `ImagePredictor`.
    """

    model: InstructPerceptor

    def __init__(
        self,
        config: str | Path = REFERRING.config,
        checkpoint: str | Path = REFERRING.name,
        device: str = 'cpu',
        cfg_options: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(config, checkpoint, device, cfg_options)
        codec = getattr(self.model, 'codec', None)
        if not hasattr(codec, 'threshold_map'):
            raise ValueError(
                f'the {type(self.model).__name__} of {config} finds no masks by texts; '
                'give the config of an InstructPerceptor with a mask codec'
            )

    def find(
        self,
        image: Picture,
        text: str,
        corrections: Sequence[str] = (),
        guidance: InstructGuidance | None = None,
        seed: int | None = None,
        steps: int | None = None,
    ) -> FoundThing:
        """Finds a thing, and keeps the way there.

        Args:
            image: The picture, see `to_bgr`.
            text: What to find: ``'the red ball left of the tree'``.
            corrections: Texts of what is not meant, such as what an earlier prediction
                took for the thing.
            guidance: Strengths of text, image and correction; the config's by default.
            seed: Of the noise; the config's by default.
            steps: Number of denoising steps; the config's by default.

        Returns:
            The thing.

        Raises:
            ValueError: The text is empty; a correction is empty, or the text itself;
                there are corrections, and the guidance has no strength for them; or the
                prediction is not finite.
        """
        (thing,) = self.find_each(image, text, [corrections], guidance, seed, steps)
        return thing

    def find_each(
        self,
        image: Picture,
        text: str,
        corrections: Sequence[Sequence[str]],
        guidance: InstructGuidance | None = None,
        seed: int | None = None,
        steps: int | None = None,
        keep_steps: bool = True,
    ) -> list[FoundThing]:
        """Finds a thing several times at once, each time with other corrections.

        Args:
            image: As for `find`.
            text: As for `find`.
            corrections: The same number of texts for each run.
            guidance: As for `find`.
            seed: As for `find`.
            steps: As for `find`.
            keep_steps: Keeps what every step predicted, which costs a pass of the
                VAE's decoder for each.

        Returns:
            The thing of every run.

        Raises:
            ValueError: As `find`.
        """
        pixels = to_bgr(image)
        *trail, result = self._trail(
            pixels, text, corrections, guidance, seed, steps, keep_steps
        )
        return [
            FoundThing(
                pixels,
                text,
                tuple(own),
                result[run],
                tuple(step[run] for step in trail),
            )
            for run, own in enumerate(corrections)
        ]

    def watch(
        self,
        image: Picture,
        text: str,
        corrections: Sequence[str] = (),
        guidance: InstructGuidance | None = None,
        seed: int | None = None,
        steps: int | None = None,
    ) -> Iterator[ReferringStep]:
        """Finds a thing, and hands out every step as soon as it is made.

        Args:
            image: As for `find`.
            text: As for `find`.
            corrections: As for `find`.
            guidance: As for `find`.
            seed: As for `find`.
            steps: As for `find`.

        Yields:
            What every step predicts, and behind the last one the result, at timestep 0.

        Raises:
            ValueError: As `find`.
        """
        trail = self._trail(to_bgr(image), text, [corrections], guidance, seed, steps)
        for (step,) in trail:
            yield step

    def to_result(self, pixels: np.ndarray, prediction: BaseDataElement) -> FoundThing:
        """Takes the mask out of a prediction.

        Args:
            pixels: BGR picture ``(H, W, 3)``, uint8.
            prediction: The model's prediction for it.

        Returns:
            The picture with its mask, both of the picture's own size.
        """
        meta = prediction.metainfo
        result = ReferringStep(
            0.0,
            prediction.mask_map.data[0].float().cpu().numpy(),
            prediction.pred_sem_seg.data[0].cpu().numpy() == 1,
            meta['mask_score'],
        )
        return FoundThing(pixels, meta[self._text_key], (), result)

    @torch.no_grad()
    def _trail(
        self,
        pixels: np.ndarray,
        text: str,
        corrections: Sequence[Sequence[str]],
        guidance: InstructGuidance | None,
        seed: int | None,
        steps: int | None,
        keep_steps: bool = True,
    ) -> Iterator[list[ReferringStep]]:
        """Every step of all runs, and the results."""
        guidance = guidance or self.model.guidance
        _check(text, corrections, guidance)
        (batch,) = self.preprocess([pixels], text=text)
        batch.pop('pixels')
        data = self.model.data_preprocessor(batch)
        meta = data['data_samples'][0].metainfo
        count = len(corrections)
        plain = data['inputs'].plain().repeat(count, 1, 1, 1)
        images = ConditionedImages(plain, [text] * count)
        reference = self.model.reference(images)

        def read(timestep: float, latents: Tensor) -> list[ReferringStep]:
            maps = self.model.read(latents, images.shape[-2:], reference)
            return [self._step(timestep, each, meta) for each in maps]

        for step in self.model.denoising_steps(
            images,
            corrections=corrections,
            guidance=guidance,
            seed=seed,
            steps=steps,
        ):
            if keep_steps:
                yield read(step.timestep, step.clean)
        yield read(0.0, step.latents)

    def _step(self, timestep: float, strength: Tensor, meta: dict) -> ReferringStep:
        restored = restore_frame(strength, meta)
        if not restored.isfinite().all():
            raise ValueError(
                f'what was predicted at timestep {timestep:g} is not finite: the '
                "guidance's strengths are too large, or the weights are damaged"
            )
        mask = self.model.codec.threshold_map(restored)[0]
        return ReferringStep(
            timestep,
            restored[0].float().cpu().numpy(),
            mask.cpu().numpy() == 1,
            score_map(restored),
        )


def _check(
    text: str, corrections: Sequence[Sequence[str]], guidance: InstructGuidance
) -> None:
    if not isinstance(text, str) or not words_of(text):
        raise ValueError(f'the text is empty: say what to find, got {text!r}')
    if not corrections:
        raise ValueError('there is no run: [()] is one without corrections')
    check_corrections([text] * len(corrections), corrections)
    if any(corrections) and not guidance.corrects:
        raise ValueError(
            f'{[list(own) for own in corrections]} would change nothing: the guidance '
            f'has correction={guidance.correction!r}; give a positive one'
        )
