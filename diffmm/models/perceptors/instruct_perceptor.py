"""A perceptor that follows a text: InstructPix2Pix, and what ADDP makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from numbers import Integral
from typing import Any

import torch
from mmengine.registry import MODELS
from torch import Tensor

from diffmm.diffusion import DenoisingStep, InstructGuidance
from diffmm.diffusion.guidance import CORRECTION, EMPTY, TARGET
from diffmm.structures import ConditionedImages, plain_images

from .condition_dropout import ConditionDropout
from .conditioning import Conditioning
from .corrections import check_corrections
from .diffusion_perceptor import DiffusionPerceptor

TARGET_SAMPLINGS = ('mode', 'sample')
_NO_GUIDANCE = dict(text=1.0, image=1.0)


@MODELS.register_module()
class InstructPerceptor(DiffusionPerceptor):
    """A `DiffusionPerceptor` whose prediction is told by a text, as in image editing.

    InstructPix2Pix edits a picture as a text says. ADDP's referring segmentation
    "edits" the pixels of the thing that a text refers to to red; InstructCV draws
    depth, classes and boxes. A prediction can be guided by the text, by the image, and
    away from other texts: ADDP's correctional guidance (section 3.3).

    All branches of a guidance are one call of the UNet. Keys and values of the texts,
    and what the image contributes to the input layer, are computed once for all steps.
    Without guidance there is one branch.

    Images have to carry their texts (``TextSegDataPreProcessor``, or
    ``ConditionedImages``).

    Example:
        >>> model = MODELS.build(dict(
        ...     type='InstructPerceptor', arch='mini', sampler=dict(steps=2),
        ...     codec=dict(type='WhiteMaskCodec'),
        ...     guidance=dict(text=3, image=1.5, correction=1)))
        >>> from diffmm.structures import ConditionedImages
        >>> from mmengine.structures import BaseDataElement, PixelData
        >>> images = ConditionedImages(torch.zeros(1, 3, 64, 64), ['the red ball'])
        >>> mask = PixelData(data=torch.ones(1, 64, 64, dtype=torch.uint8))
        >>> sample = BaseDataElement(gt_sem_seg=mask, metainfo=dict(sample_idx=0))
        >>> list(model(images, [sample], mode='loss'))
        ['loss_denoising']
        >>> (sample,) = model(images, mode='predict')
        >>> sample.pred_sem_seg.shape
        (64, 64)
        >>> model.perceive(images, corrections=[['the tree']])[0].shape
        torch.Size([1, 1, 64, 64])

    Args:
        codec: Config of the `TargetCodec`.
        condition: As in `DiffusionPerceptor`; InstructPix2Pix's by default: the noisy
            target first, then the image's unscaled latents.
        prompt: As in `DiffusionPerceptor`; all 77 tokens of the text by default
            (InstructPix2Pix).
        arch: As in `DiffusionPerceptor`.
        input_init: As in `DiffusionPerceptor`; InstructPix2Pix: ``'zero_image'``.
        guidance: Options of `InstructGuidance` at test; None is off.
        dropout: Shares of conditions that the training leaves out, options of
            `ConditionDropout`; an empty dict takes InstructPix2Pix's. None leaves out
            nothing, and the model can only be used without guidance.
        target_sampling: The target's latents: ``'sample'`` draws them from the VAE's
            posterior (InstructPix2Pix), ``'mode'`` takes its means (Marigold).
        target_scale: Further factor on the target's latents; InstructPix2Pix: 1. A mask
            of large contrast shows through noise that would hide a photograph, so most
            timesteps teach to denoise it, and few to find it. A smaller factor is more
            noise at every timestep ("input scaling", Chen, 2023).
        **kwargs: Further arguments of `DiffusionPerceptor`.

    Raises:
        ValueError: A part is unknown, or parts do not fit each other.
    """

    def __init__(
        self,
        codec: Mapping,
        condition: Mapping | None = None,
        prompt: Mapping | None = None,
        arch: str | Mapping = 'sd15',
        input_init: str = 'zero_image',
        guidance: Mapping | None = None,
        dropout: Mapping | None = None,
        target_sampling: str = 'sample',
        target_scale: float = 1.0,
        **kwargs: Any,
    ) -> None:
        pix2pix = dict(type='ImageCondition', image_first=False, scaled=False)
        super().__init__(
            codec=codec,
            condition=condition or pix2pix,
            prompt=prompt or dict(type='TextPrompt'),
            arch=arch,
            input_init=input_init,
            **kwargs,
        )
        if target_sampling not in TARGET_SAMPLINGS:
            raise ValueError(
                f'target_sampling must be one of {TARGET_SAMPLINGS}, got '
                f'{target_sampling!r}'
            )
        if not target_scale > 0:
            raise ValueError(f'target_scale must be positive, got {target_scale}')
        self.target_sampling = target_sampling
        self.target_scale = target_scale
        self.guidance = InstructGuidance(**(guidance or _NO_GUIDANCE))
        self.dropout = None if dropout is None else ConditionDropout(**dropout)

    def encode(
        self,
        images: Tensor,
        targets: Tensor | None = None,
        generators: Sequence[torch.Generator] | None = None,
        rows: Tensor | None = None,
    ) -> tuple[Conditioning, Tensor | None]:
        """Encodes images and texts, and targets with them.

        Args:
            images: RGB in [-1, 1] with their texts, shape (B, 3, H, W).
            targets: As in the base class. With targets, texts and images are left out
                as ``dropout`` says.
            generators: As in the base class.
            rows: As in the base class.

        Returns:
            What the UNet is told, and the scaled latents of the targets.
        """
        texts = self._texts_of(images)
        dropped = None
        if targets is not None and self.dropout is not None:
            no_text, dropped = self.dropout.draw(generators)
            texts = ['' if no else t for t, no in zip(texts, no_text, strict=True)]
        drawn = generators if self.target_sampling == 'sample' else None
        image, target = self.encode_pictures(plain_images(images), targets, drawn, rows)
        if dropped is not None:
            image = image.masked_fill(dropped.to(image.device).view(-1, 1, 1, 1), 0)
        return self.tell(image, texts), target

    def encode_pictures(
        self,
        images: Tensor,
        targets: Tensor | None = None,
        generators: Sequence[torch.Generator] | None = None,
        rows: Tensor | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Encodes as the base class, and multiplies targets by ``target_scale``."""
        image, target = super().encode_pictures(images, targets, generators, rows)
        return image, None if target is None else target * self.target_scale

    def tell(self, image: Tensor, texts: Sequence[str]) -> Conditioning:
        """Joins image and text to what the UNet is told.

        Args:
            image: Latents of the images, shape (B, 4, h, w), or zeros for none.
            texts: B texts; an empty one is none.

        Returns:
            The conditioning.
        """
        visible = self.prompt.visible_tokens(texts)
        return Conditioning(image, self.prompt(len(image), texts), visible)

    @torch.no_grad()
    def read(
        self, latents: Tensor, size: Sequence[int], reference: Tensor | None = None
    ) -> Tensor:
        """Divides by ``target_scale``, and reads as the base class."""
        return super().read(latents / self.target_scale, size, reference)

    @torch.no_grad()
    def denoising_steps(
        self,
        images: Tensor,
        noise: Tensor | None = None,
        corrections: Sequence[Sequence[str]] = (),
        guidance: InstructGuidance | None = None,
        seed: int | None = None,
        steps: int | None = None,
    ) -> Iterator[DenoisingStep]:
        """Denoises predictions and hands out every step.

        Args:
            images: RGB in [-1, 1] with their texts, shape (B, 3, H, W).
            noise: The initial noise, shape (B * E, 4, h, w), instead of that of
                ``seed``; E is the size of the ensemble, or 1.
            corrections: For every image the same number of texts that are not meant;
                none by default. They count only if the guidance has a ``correction``.
            guidance: In the place of the model's own.
            seed: In the place of the model's own.
            steps: Number of steps in the place of the sampler's own.

        Yields:
            The steps, guided; `read` turns their ``clean`` or ``latents`` into
            predictions.

        Raises:
            ValueError: A correction is empty or the text itself, there is not the same
                number for every image, or the seed is no whole number of 64 bits.
        """
        size = self._ensemble_size
        texts = self._texts_of(images)
        denied = check_corrections(texts, corrections)
        seed = self.seed if seed is None else seed
        if not isinstance(seed, Integral) or not 0 <= seed < 1 << 64:
            raise ValueError(
                f'seed must be a whole number from 0 to 2^64 - 1, got {seed!r}'
            )
        image = self.encode_pictures(plain_images(images))[0]
        generator = torch.Generator().manual_seed(int(seed))
        if noise is None:
            noise = self.initial_noise(image, len(images), generator)
        network = self.guide(
            image.repeat_interleave(size, dim=0),
            [text for text in texts for _ in range(size)],
            [own for own in denied for _ in range(size)],
            guidance or self.guidance,
        )
        yield from self.sampler(network, noise, generator, steps)

    def guide(
        self,
        image: Tensor,
        texts: Sequence[str],
        corrections: Sequence[Sequence[str]],
        guidance: InstructGuidance,
    ) -> partial[Tensor]:
        """Makes the network of a guided denoising.

        Args:
            image: Latents of the images, shape (B, 4, h, w).
            texts: B texts.
            corrections: B sequences of the same number of texts.
            guidance: How branches are combined.

        Returns:
            What predicts, given noisy latents (B, 4, h, w) and a timestep.
        """
        branches = guidance.branches(len(corrections[0]))
        # 1. What each branch is told, one branch behind the other. (K * B, ...)
        seen, said = [], []
        for branch in branches:
            seen.append(image if branch.image else torch.zeros_like(image))
            if branch.text in (EMPTY, TARGET):
                said += texts if branch.text == TARGET else [''] * len(texts)
            else:
                said += [own[branch.text - CORRECTION] for own in corrections]
        # 2. What does not change from step to step is computed once.
        conditioning = self.keep(self.tell(torch.cat(seen), said))
        return partial(self._denoise_guided, conditioning, branches, guidance)

    def _denoise_guided(
        self,
        conditioning: Conditioning,
        branches: tuple,
        guidance: InstructGuidance,
        noisy: Tensor,
        timestep: Tensor,
    ) -> Tensor:
        """Runs all branches in one call of the UNet, and combines them."""
        count = len(branches)
        rows = noisy.repeat(count, 1, 1, 1)
        predicted = self.denoise_step(conditioning, rows, timestep)
        length = self.objective.schedule.config.num_train_timesteps
        return guidance.combine(
            predicted.unflatten(0, (count, -1)), branches, timestep.item(), length
        )

    def _texts_of(self, images: Tensor) -> Sequence[str]:
        if not isinstance(images, ConditionedImages):
            raise ValueError(
                f'{type(self).__name__} needs the text of every image and this batch '
                "carries none: set the model's data_preprocessor to "
                "dict(type='TextSegDataPreProcessor', text_key=..., ...), or pass "
                'diffmm.structures.ConditionedImages(images, texts)'
            )
        return images.texts
