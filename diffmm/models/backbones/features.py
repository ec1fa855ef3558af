"""Feature maps of a backbone: what it promises of them, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from diffmm.diffusion import UNetFeatures

from .images import MIN_SIDE, crop_feature


@dataclass(frozen=True)
class FeatureInfo:
    """Numbers of one feature map, which necks and heads are configured with.

    Two records are equal if their channels and strides are.

    Attributes:
        channels: Number of channels, appended attention maps included.
        stride: Image pixels per feature pixel.
        name: Where the map comes from, for messages.
    """

    channels: int
    stride: int
    name: str = field(default='', compare=False)


class DiffusionFeatures(tuple):
    """Feature maps, fine to coarse, and what a later stage may need.

    Every neck and head of mmseg, mmdet and mmpose takes it for an ordinary tuple.

    Args:
        maps: Feature maps of shapes (B, C_i, ceil(H / s_i), ceil(W / s_i)).
        context: What cross-attention attended to in the last pass, shape (B, N, D).
        attention_maps: Averaged cross-attention probabilities by stride, each
            (B, number of names, ceil(H / s), ceil(W / s)).
        latents: What the last pass started from, shape (B, 4, h, w), padded so that h
            and w are multiples of 8.
        denoise: Runs one more pass of the same UNet: ``denoise(latents, step=0,
            **options)`` takes the number of a refinement step and the options of
            ``FeatureUNet.forward``, and returns the features of that pass. A stage
            that calls it holds no reference to the UNet, so the UNet's parameters are
            registered once.
        prediction: What the UNet's output layer makes of its finest map, of the shape
            of ``latents``: the latents of the next refinement step. None after the
            last step.
        num_steps: Number of passes that led to the maps.
    """

    context: Tensor
    attention_maps: dict[int, Tensor]
    latents: Tensor
    denoise: Callable[..., DiffusionFeatures]
    prediction: Tensor | None
    num_steps: int

    def __new__(
        cls,
        maps: Iterable[Tensor],
        context: Tensor,
        attention_maps: dict[int, Tensor],
        latents: Tensor,
        denoise: Callable[..., DiffusionFeatures],
        prediction: Tensor | None = None,
        num_steps: int = 1,
    ) -> DiffusionFeatures:
        """Builds the tuple and sets its attributes."""
        features = super().__new__(cls, maps)
        features.context = context
        features.attention_maps = attention_maps
        features.latents = latents
        features.denoise = denoise
        features.prediction = prediction
        features.num_steps = num_steps
        return features

    def replace(
        self,
        maps: Iterable[Tensor],
        attention_maps: dict[int, Tensor] | None = None,
    ) -> DiffusionFeatures:
        """Makes features with other maps that carry the same otherwise.

        Args:
            maps: The maps.
            attention_maps: Attention maps by stride; None keeps them.
        """
        kept = self.attention_maps if attention_maps is None else attention_maps
        return DiffusionFeatures(
            maps,
            self.context,
            kept,
            self.latents,
            self.denoise,
            self.prediction,
            self.num_steps,
        )


def refine(denoise: Callable, latents: Tensor, steps: int) -> Any:
    """Makes passes of a UNet, each over the latents that the one before predicted.

    Meta Prompts, section 3.3.

    Args:
        denoise: Makes one pass: takes latents (B, 4, h, w) and the number of the step,
            from 0 on. What it returns has the next latents as ``prediction``.
        latents: Latents of the first pass, (B, 4, h, w).
        steps: Number of passes.

    Returns:
        What the last pass returned.
    """
    output = denoise(latents, 0)
    for step in range(1, steps):
        output = denoise(output.prediction, step)
    return output


def assemble_maps(
    output: UNetFeatures,
    strides: Sequence[int],
    size: tuple[int, int] | None,
    pool_maps: Callable[[Tensor], Tensor],
    attention_scale: float,
    latent_stride: int = 8,
) -> tuple[list[Tensor], dict[int, Tensor]]:
    """Crops the maps of a UNet and appends attention maps to those of their stride.

    Args:
        output: What the UNet returned for the padded image.
        strides: Image pixels per pixel of every map.
        size: Height and width of the image before padding; None keeps the padding.
        pool_maps: Turns attention maps of tokens into maps of names.
        attention_scale: Factor on the attention maps where they are appended.
        latent_stride: Image pixels per pixel of the latents.

    Returns:
        The feature maps (B, C, ceil(H / s), ceil(W / s)), and the attention maps by
        stride, without the factor.
    """

    def crop(value: Tensor, stride: int) -> Tensor:
        return value if size is None else crop_feature(value, size, stride)

    attention_maps = {}
    for level, attention_map in output.attention_maps.items():
        stride = latent_stride << level
        attention_maps[stride] = crop(pool_maps(attention_map), stride)
    maps = []
    for feature, stride in zip(output.maps, strides, strict=True):
        feature = crop(feature, stride)
        if stride in attention_maps:
            # Probabilities are float32, features may be half precision.
            extra = attention_maps[stride].to(feature.dtype) * attention_scale
            feature = torch.cat([feature, extra], dim=1)
        maps.append(feature)
    return maps, attention_maps


def promise_features(backbone: nn.Module, height: int, width: int) -> DiffusionFeatures:
    """Makes features of the shapes that a backbone returns, without running it.

    Lets you check necks and heads without weights or a real pass.

    Args:
        backbone: A `StableDiffusionBackbone`.
        height: Height of the image.
        width: Width of the image.

    Returns:
        Features of one image. Maps and latents are zeros, the context is the prompt's
        own.
    """
    device = next(backbone.parameters()).device
    # The UNet sees padded images.
    padded = [-(-side // MIN_SIDE) * MIN_SIDE for side in (height, width)]
    sides = (height, width) if backbone.crop_padding else padded
    maps = [
        torch.zeros(
            1,
            info.channels,
            *(-(-side // info.stride) for side in sides),
            device=device,
        )
        for info in backbone.feature_info
    ]
    latents = torch.zeros(
        1,
        backbone.unet.config.in_channels,
        *(side // backbone.vae.stride for side in padded),
        device=device,
    )
    prompt, last = backbone.prompt, backbone.refinement_steps - 1
    context = prompt(1, prompt.example_texts(1))
    return DiffusionFeatures(
        maps,
        prompt.at_step(context, last) if last else context,
        {},
        latents,
        # Every pass has the same shapes.
        denoise=lambda *_, **__: promise_features(backbone, height, width),
        num_steps=backbone.refinement_steps,
    )
