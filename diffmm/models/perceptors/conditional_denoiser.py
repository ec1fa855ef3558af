"""Stable Diffusion that denoises latents beside those of an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import torch
from diffusers.utils.torch_utils import randn_tensor
from mmengine.logging import print_log
from mmengine.model import BaseModel
from mmengine.registry import MODELS, TASK_UTILS
from torch import Tensor

from diffmm.diffusion import ImageAutoencoder, load_architecture, open_prior
from diffmm.diffusion.input_layer import SplitInput
from diffmm.structures import ConditionedImages, plain_images

from ..backbones.trainable_part import set_trainable_part
from ..precision import unet_precision
from ..windows import Window, average_windows, check_windows, window_batches
from .conditioning import Conditioning
from .frames import pad_to_multiple
from .perceptor_unet import build_unet, load_unet


class ConditionalDenoiser(BaseModel):
    """The networks of a generative perceptor: its VAE, its UNet and its prompt.

    `DiffusionPerceptor` describes the arguments.

    Attributes:
        autocast: Run the UNet in bfloat16 and return float32. ``tools/test.py --amp``
            sets it; in training, the optimizer wrapper says the precision.
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
        vae_dtype: str,
        decoder_dtype: str,
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
        self.autocast = False

        self.vae = ImageAutoencoder.build(architecture.vae, vae_dtype, decoder_dtype)
        check_windows(self.test_cfg, self.vae.stride)
        self._window_batches = window_batches(self.test_cfg)
        self.condition = TASK_UTILS.build(condition or dict(type='ImageCondition'))
        self.unet, self.architecture = build_unet(
            architecture, self.condition.num_inputs
        )
        self.prompt = MODELS.build(
            dict(prompt or dict(type='NullPrompt', padded=False)),
            default_args=dict(width=architecture.context_width),
        )
        self.prompt.set_architecture(architecture)

        set_trainable_part(self.unet, trainable)
        if isinstance(trainable, Mapping):
            self.unet.conv_in.requires_grad_(True)
        self._splits_input = self.condition.num_inputs == 2
        if self._splits_input:
            self.unet.conv_in = SplitInput(
                self.unet.conv_in, self.condition.image_first
            )
        if gradient_checkpointing:
            self.unet.enable_gradient_checkpointing()
            self.vae.keeps_freed_memory = False  # memory before time

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
        self,
        images: Tensor,
        targets: Tensor | None = None,
        generators: Sequence[torch.Generator] | None = None,
        rows: Tensor | None = None,
    ) -> tuple[Conditioning, Tensor | None]:
        """Encodes images, and pictures of targets with them in one batch.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).
            targets: Pictures of targets of the same size, or None.
            generators: One for every sample, for subclasses that draw in training; here
                nothing is drawn.
            rows: Number of the image of every target; None for one target an image, in
                their order.

        Returns:
            What the UNet is told, and the scaled latents of the targets.
        """
        texts = images.texts if isinstance(images, ConditionedImages) else None
        image, target = self.encode_pictures(plain_images(images), targets, rows=rows)
        return Conditioning(image, self.prompt(len(images), texts)), target

    def encode_pictures(
        self,
        images: Tensor,
        targets: Tensor | None = None,
        generators: Sequence[torch.Generator] | None = None,
        rows: Tensor | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Encodes images, and targets with them in one batch.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).
            targets: Pictures of N targets of the same size, or None.
            generators: Draw the targets' latents from the posterior (InstructPix2Pix),
                one for every sample; None takes its means (Marigold).
            rows: As for `encode`. Targets of the same image are drawn alike.

        Returns:
            What the UNet sees of the images, shape (B, 4, h, w), and the scaled latents
            of the targets, shape (N, 4, h, w).
        """
        pictures = [images] if targets is None else [images, targets.to(images)]
        padded = pad_to_multiple(torch.cat(pictures), self.vae.stride)
        means, deviations = self.vae.posterior(padded)
        image, latents = means.tensor_split([len(images)])
        image = self.condition.scale(image, self.vae)
        if targets is None:
            return image, None
        if generators is not None:
            noise = randn_tensor(
                images.shape[:1] + latents.shape[1:],
                list(generators),
                latents.device,
                latents.dtype,
            )
            noise = noise if rows is None else noise[rows]
            latents = latents + deviations[len(images) :] * noise
        return image, latents * self.vae.config.scaling_factor

    def keep(self, conditioning: Conditioning) -> Conditioning:
        """Keeps what does not change from step to step.

        Args:
            conditioning: What the UNet is told in all steps of a denoising.

        Returns:
            The same, with the image's part of the input layer, and room for keys and
            values of the text, which the first step computes.
        """
        part = None
        # A window pads its own edges, so it has another part.
        if self._splits_input and self._window_of(conditioning.image) is None:
            with unet_precision(conditioning.image.device, self.autocast):
                part = self.unet.conv_in.image_part(conditioning.image)
        return conditioning._replace(image_part=part, text_cache={})

    def denoise(
        self, conditioning: Conditioning, noisy: Tensor, timesteps: Tensor
    ) -> Tensor:
        """Runs the UNet.

        Args:
            conditioning: What it is told.
            noisy: Noisy latents of the target, shape (B, 4, h, w). With W windows of
                every image there are W * B, window by window, and as many latents of
                images; the text may be of B.
            timesteps: How noisy they are, shape () or (B,).

        Returns:
            What the objective says that it predicts, shape (B, 4, h, w).
        """
        if conditioning.image_part is None:
            joined = self.condition.join(conditioning.image, noisy)
        else:
            joined = torch.cat([noisy, conditioning.image_part], dim=1)
        options = {}
        if conditioning.text_cache is not None:
            options['cross_attention_kwargs'] = dict(text_cache=conditioning.text_cache)
        with unet_precision(joined.device, self.autocast):
            predicted = self.unet(
                joined,
                timesteps,
                conditioning.context,
                encoder_attention_mask=conditioning.visible,
                **options,
            ).sample
        return predicted.float() if self.autocast else predicted

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
        window = self._window_of(noisy)
        if window is None:
            return self.denoise(conditioning, noisy, timestep)

        def denoise_windows(windows: Sequence[Window]) -> Tensor:
            inside = conditioning._replace(
                image=torch.cat([conditioning.image[window] for window in windows])
            )
            rows = torch.cat([noisy[window] for window in windows])
            predicted = self.denoise(inside, rows, timestep)
            return predicted.unflatten(0, (len(windows), -1))

        stride = (side // self.vae.stride for side in self.test_cfg['stride'])
        return average_windows(
            denoise_windows, noisy.shape, window, tuple(stride), self._window_batches
        )

    def _window_of(self, latents: Tensor) -> tuple[int, int] | None:
        """The size of windows of latents; None if the whole is one."""
        if self.test_cfg['mode'] == 'whole':
            return None
        height, width = (side // self.vae.stride for side in self.test_cfg['crop_size'])
        fits = latents.shape[-2] <= height and latents.shape[-1] <= width
        return None if fits else (height, width)
