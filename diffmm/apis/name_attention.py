"""The attention of a frozen backbone to any names, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from diffmm.diffusion import (
    FeatureUNet,
    ImageEncoder,
    TextEncoder,
    load_architecture,
    open_prior,
)
from diffmm.models.backbones.images import crop_feature, pad_images
from diffmm.models.prompts.truncation import warn_of_cuts

from .catalog import BACKBONES

# Where the attention of `mini` is sharpest (docs/pretraining.md).
_TIMESTEP = 50
_TEMPLATE = 'a photo of a {}'
# Of a probability, so that its logarithm is finite.
_SMALLEST = 1e-6


class NameAttention:
    """Reads how much every place attends to names, in each cross-attention of a UNet.

    The context has two tokens for each name: the end of "a photo of a NAME", which
    stands for the sentence, as in VPD, and the last token of the name itself, which is
    sharper for some.

    Args:
        backbone: One of `list_backbones` whose weights are known.
        device: Where it runs.

    Attributes:
        channels: Number A of maps for each name.
        stride: Pixels of the picture per cell.

    Raises:
        WeightsError: The weights cannot be read.
    """

    def __init__(self, backbone: str = 'mini', device: str = 'cpu') -> None:
        arch, weights = BACKBONES[backbone]
        architecture, source = load_architecture(arch), open_prior(weights)
        vae, unet = (
            ImageEncoder.build(architecture.vae),
            FeatureUNet.build(architecture.unet),
        )
        layers = [layer.name for layer in unet.list_layers()]
        layers = [name for name in layers if name.endswith('.attn2.map')]
        unet.read_layers(layers)
        source.load_into(vae, 'vae', architecture)
        source.load_into(unet, 'unet', architecture)
        encoder = source.text_encoder(architecture)
        self.vae = vae.to(device).eval()
        self.unet = unet.to(device).eval()
        self.text_encoder: TextEncoder = encoder.to(device)
        self.device = device
        self.channels = 2 * len(layers)
        self.stride = vae.stride

    @torch.no_grad()
    def encode(self, names: Sequence[str]) -> Tensor:
        """Encodes names.

        Args:
            names: N names.

        Returns:
            Two tokens for each, (N, 2, D).
        """
        sentences = [_TEMPLATE.replace('{}', name) for name in names]
        warn_of_cuts(sentences, self.text_encoder.words)
        texts = self.text_encoder(sentences)
        rows = torch.arange(len(names), device=self.device)
        last = texts.tokens[rows, texts.lengths.to(self.device) - 2]
        return torch.stack([texts.pooled, last], dim=1)

    @torch.no_grad()
    def __call__(self, image: np.ndarray, tokens: Tensor) -> Tensor:
        """Makes one pass over the clean picture.

        Args:
            image: BGR, shape (H, W, 3), uint8, of 64 pixels or more a side.
            tokens: Of N names, (N, 2, D).

        Returns:
            Logarithms of the attention, 0 where all names get the same, on the grid of
            the finest map: (N, A, ceil(H / stride), ceil(W / stride)).
        """
        pixels = to_pixels(image).to(self.device)
        latents = self.vae(pad_images(pixels)) * self.vae.config.scaling_factor
        # 1. The tokens of all names stand in one context. (1, 2N, D)
        context = tokens.transpose(0, 1).flatten(0, 1)[None]
        features = self.unet(latents, context, _TIMESTEP)
        # 2. Both maps of a name, of every layer. (N, A, h, w)
        size = latents.shape[-2:]
        maps = [F.interpolate(each, size, mode='bilinear') for each in features.maps]
        stacked = torch.stack(maps, dim=2).float()[0]  # (2N, A / 2, h, w)
        stacked = torch.cat(stacked.chunk(2), dim=1)
        # 3. A share of 1 / 2N is what a token gets by chance.
        logs = stacked.clamp_min(_SMALLEST).log() + math.log(context.shape[1])
        return crop_feature(logs, image.shape[:2], self.stride)


def to_pixels(image: np.ndarray) -> Tensor:
    """Converts a picture to what backbones take.

    Args:
        image: BGR, shape (H, W, 3), uint8.

    Returns:
        RGB in [-1, 1], shape (1, 3, H, W).
    """
    rgb = torch.from_numpy(np.ascontiguousarray(image[..., ::-1]))
    return rgb.permute(2, 0, 1)[None].float() / 127.5 - 1
