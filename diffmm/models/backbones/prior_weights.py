"""The way of the prior's weights into a backbone, and the checks that they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from mmengine.logging import print_log
from torch import Tensor, nn

from diffmm.diffusion import Architecture, open_prior

from ..loaded_weights import LoadedWeights
from ..prompts.prompt import Prompt
from .images import RangeCheck, check_images, check_size


class PriorWeights(LoadedWeights):
    """Base of a backbone whose UNet, VAE and prompt come from a pre-trained prior.

    Args:
        pretrained: A diffusers folder, an original file, a hub id, or None for random
            weights.
        use_ema: Take the UNet's moving average if an original file has one.
        lora: Files of low-rank weights that change the pre-trained ones.
        learned_words: Files or folders of words that textual inversion learned.
        init_cfg: As in every mmengine module.
    """

    architecture: Architecture
    vae: nn.Module
    unet: nn.Module
    prompt: Prompt

    def __init__(
        self,
        pretrained: str | Path | None,
        use_ema: bool,
        lora: str | Path | Sequence[str | Path] = (),
        learned_words: str | Path | Sequence[str | Path] = (),
        init_cfg: Mapping | None = None,
    ) -> None:
        what = f'pretrained={str(pretrained)!r}'
        super().__init__(what, pretrained is None, init_cfg)
        self.pretrained = pretrained
        self.use_ema = use_ema
        self.lora = _several(lora)
        self.learned_words = _several(learned_words)
        self._check_range = RangeCheck()

    def init_weights(self) -> None:
        """Reads the pre-trained weights and encodes the prompt's text.

        Raises:
            WeightsError: If the weights, an embeddings file, a LoRA file or a learned
                word are missing, damaged or of another architecture, or a word is a
                token already.
        """
        super().init_weights()
        load_text_encoder = None
        if self.pretrained is not None:
            source = open_prior(
                self.pretrained, self.use_ema, self.lora, self.learned_words
            )
            source.load_into(self.unet, 'unet', self.architecture)
            source.load_into(self.vae, 'vae', self.architecture)
            load_text_encoder = partial(source.text_encoder, self.architecture)
            print_log(f'Loaded Stable Diffusion from {self.pretrained}', 'current')
        self.prompt.encode(load_text_encoder)
        self._has_weights = True

    def check_forward(self, images: Tensor) -> None:
        """Refuses a forward pass on images that are too small, or without weights.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).

        Raises:
            ValueError: If it is no batch of images, or a side is below 64.
            RuntimeError: If the pre-trained weights were never loaded.
        """
        check_images(images, self.unet.conv_in.weight.dtype)
        check_size(images)
        self.require_weights()
        self._check_range(images)


def _several(paths: str | Path | Sequence[str | Path]) -> tuple[str | Path, ...]:
    return (paths,) if isinstance(paths, str | Path) else tuple(paths)
