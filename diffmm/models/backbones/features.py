"""Feature maps of a backbone: what it promises of them, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from torch import Tensor


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

    An ordinary tuple to every neck and head of mmseg, mmdet and mmpose.

    Args:
        maps: Feature maps of shapes (B, C_i, ceil(H / s_i), ceil(W / s_i)).
        context: What cross-attention attended to, shape (B, N, D).
        attention_maps: Averaged cross-attention probabilities by stride, each
            (B, number of names, ceil(H / s), ceil(W / s)).
        latents: What the pass denoised, shape (B, 4, h, w), padded so that h and w
            are multiples of 8.
        denoise: Runs another pass of the same UNet: ``denoise(latents, step=0,
            **options)`` with the number of the refinement step and the options of
            ``FeatureUNet.forward`` returns new features. A stage that refines needs no
            reference to the UNet of its own, so its parameters are registered once.
        prediction: What the UNet's output layer makes of its last feature, of the
            shape of ``latents``: the latents of the next refinement step. None after
            the last step.
    """

    context: Tensor
    attention_maps: dict[int, Tensor]
    latents: Tensor
    denoise: Callable[..., DiffusionFeatures]
    prediction: Tensor | None

    def __new__(
        cls,
        maps: Iterable[Tensor],
        context: Tensor,
        attention_maps: dict[int, Tensor],
        latents: Tensor,
        denoise: Callable[..., DiffusionFeatures],
        prediction: Tensor | None = None,
    ) -> DiffusionFeatures:
        """Builds the tuple and hangs the rest on it."""
        features = super().__new__(cls, maps)
        features.context = context
        features.attention_maps = attention_maps
        features.latents = latents
        features.denoise = denoise
        features.prediction = prediction
        return features
