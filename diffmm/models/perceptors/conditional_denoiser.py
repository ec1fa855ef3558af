"""Stable Diffusion that denoises latents beside those of an image."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from mmengine.logging import print_log
from mmengine.model import BaseModel
from mmengine.registry import MODELS, TASK_UTILS
from torch import Tensor

from diffmm.diffusion import ImageAutoencoder, load_architecture, open_prior
from diffmm.structures import ConditionedImages

from ..backbones.trainable_part import set_trainable_part
from .frames import pad_to_multiple
from .perceptor_unet import build_unet, load_unet
from .windows import average_windows, check_windows


class Conditioning(NamedTuple):
    """What the UNet is told beside the noisy target.

    Attributes:
        image: Latents of the image, shape (B, 4, h, w).
        context: What cross-attention attends to, shape (B, N, D).
    """

    image: Tensor
    context: Tensor

    def repeat(self, count: int) -> Conditioning:
        """Repeats every image's, one after the other."""
        return Conditioning(*(part.repeat_interleave(count, dim=0) for part in self))


class ConditionalDenoiser(BaseModel):
    """The networks of a generative perceptor: its VAE, its UNet and its prompt.

    `DiffusionPerceptor` describes the arguments.
    """

    def __init__(
        self,
        condition: Mapping | None,
        prompt: Mapping | None,
        arch: str | Mapping,
        pretrained: str | Path | None,
        pretrained_unet: str | Path | None,
        use_ema: bool,
        input_init: str,
        trainable: str | Mapping,
        gradient_checkpointing: bool,
        eager_attention: bool,
        test_cfg: Mapping | None,
        data_preprocessor: dict | None,
        init_cfg: Mapping | None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        if pretrained_unet is not None and pretrained is None:
            raise ValueError(
                f'pretrained_unet={str(pretrained_unet)!r} has a UNet alone: name '
                'pretrained, too, whose VAE and text encoder belong to it'
            )
        architecture = load_architecture(arch)
        self.pretrained = pretrained
        self.pretrained_unet = pretrained_unet
        self.use_ema = use_ema
        self.input_init = input_init
        self.test_cfg = dict(test_cfg or dict(mode='whole'))

        self.vae = ImageAutoencoder.build(architecture.vae)
        check_windows(self.test_cfg, self.vae.stride)
        self.unet, self.architecture = build_unet(architecture, eager_attention)
        self.prompt = MODELS.build(
            dict(prompt or dict(type='NullPrompt', padded=False)),
            default_args=dict(width=architecture.context_width),
        )
        self.prompt.set_architecture(architecture)
        self.condition = TASK_UTILS.build(condition or dict(type='ImageCondition'))

        set_trainable_part(self.unet, trainable)
        if isinstance(trainable, Mapping):
            self.unet.conv_in.requires_grad_(True)
        if gradient_checkpointing:
            self.unet.enable_gradient_checkpointing()

    def init_weights(self) -> None:
        """Reads the pre-trained weights and encodes the prompt's text.

        Raises:
            WeightsError: They are missing, damaged or of another architecture.
        """
        super().init_weights()
        if self.pretrained is None:
            return
        source = open_prior(self.pretrained, self.use_ema)
        source.load_into(self.vae, 'vae', self.architecture)
        unet_source = source
        if self.pretrained_unet is not None:
            unet_source = open_prior(self.pretrained_unet)
        load_unet(
            self.unet,
            unet_source,
            self.architecture,
            self.input_init,
            self.condition.image_first,
        )
        self.prompt.encode(partial(source.text_encoder, self.architecture))
        print_log(f'Loaded Stable Diffusion from {self.pretrained}', 'current')

    def train(self, mode: bool = True) -> ConditionalDenoiser:
        """Sets the training mode; the frozen VAE stays in eval mode."""
        super().train(mode)
        self.vae.eval()
        return self

    def encode(
        self, images: Tensor, targets: Tensor | None = None
    ) -> tuple[Conditioning, Tensor | None]:
        """Encodes images, and targets with them.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).
            targets: The targets' pictures, same shape, or None.

        Returns:
            What the UNet is told, and the scaled latents of the targets.
        """
        texts = None
        if isinstance(images, ConditionedImages):
            images, texts = images.plain(), images.texts
        pictures = [images] if targets is None else [images, targets.to(images)]
        padded = pad_to_multiple(torch.cat(pictures), self.vae.stride)
        image, *target = self.vae(padded).split(len(images))
        conditioning = Conditioning(
            self.condition.scale(image, self.vae), self.prompt(len(images), texts)
        )
        if targets is None:
            return conditioning, None
        return conditioning, target[0] * self.vae.config.scaling_factor

    def denoise(
        self, conditioning: Conditioning, noisy: Tensor, timesteps: Tensor
    ) -> Tensor:
        """Runs the UNet.

        Args:
            conditioning: What it is told.
            noisy: Noisy latents of the target, shape (B, 4, h, w).
            timesteps: How noisy they are, shape () or (B,).

        Returns:
            What the objective says that it predicts, shape (B, 4, h, w).
        """
        joined = self.condition.join(conditioning.image, noisy)
        return self.unet(joined, timesteps, conditioning.context).sample

    def denoise_step(
        self, conditioning: Conditioning, noisy: Tensor, timestep: Tensor
    ) -> Tensor:
        """Runs the UNet as ``test_cfg`` says, on the whole image or in windows.

        Args:
            conditioning: What it is told.
            noisy: Noisy latents of the target, shape (B, 4, h, w).
            timestep: How noisy they are, shape ().

        Returns:
            As `denoise`.
        """
        if self.test_cfg['mode'] == 'whole':
            return self.denoise(conditioning, noisy, timestep)

        def denoise_window(window: tuple[Any, ...]) -> Tensor:
            image, context = conditioning
            inside = Conditioning(image[window], context)
            return self.denoise(inside, noisy[window], timestep)

        size, stride = (
            tuple(side // self.vae.stride for side in self.test_cfg[key])
            for key in ('crop_size', 'stride')
        )
        return average_windows(denoise_window, noisy.shape, size, stride)
