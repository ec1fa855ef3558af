"""A frozen diffusion prior as the image encoder of a transformers model."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

from diffmm.utils.init_report import without_init_report

from ..backbones import StableDiffusionBackbone


class DiffusionVisionConfig(PretrainedConfig):
    """Settings of a `DiffusionVisionModel`.

    Args:
        arch: Architecture of the prior, as of ``StableDiffusionBackbone``.
        pretrained: Its weights, as of ``StableDiffusionBackbone``.
        names: What the prior is asked for; the attention map of each name is read.
        timestep: Noise level of the prior's pass; no noise is added.
        image_size: Side of the pictures in pixels.
        hidden_size: Width of the tokens.
        kept_pictures: Training pictures whose features are kept for the next epoch, in
            half precision: 0.2 MB each at 128 pixels and twelve names.
        **kwargs: Of transformers' ``PretrainedConfig``.
    """

    model_type = 'diffusion-vision'

    def __init__(
        self,
        arch: str = 'mini',
        pretrained: str | None = 'mini',
        names: Sequence[str] = ('thing',),
        timestep: int = 50,
        image_size: int = 128,
        hidden_size: int = 128,
        kept_pictures: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.arch = arch
        self.pretrained = pretrained
        self.names = list(names)
        self.timestep = timestep
        self.image_size = image_size
        self.hidden_size = hidden_size
        self.kept_pictures = kept_pictures


class DiffusionVisionModel(PreTrainedModel):
    """Tokens of a picture from the features of a frozen Stable Diffusion.

    Features and cross-attention maps of all levels are brought to the finest one, of
    stride 8; two convolutions, which are all that is trained, make the tokens. The
    prior belongs to neither parameters nor checkpoint: it is read by its name when the
    first picture comes. transformers' auto classes know the model once ``diffmm`` was
    imported.

    Args:
        config: The settings.
    """

    config_class = DiffusionVisionConfig
    base_model_prefix = 'diffusion_vision'
    main_input_name = 'pixel_values'

    def __init__(self, config: DiffusionVisionConfig) -> None:
        super().__init__(config)
        # Its shapes alone; `_load_prior` builds it with weights, once a process.
        with torch.device('meta'):
            infos = _build_prior(config).feature_info
        self._stride = infos[0].stride
        width = config.hidden_size
        self.tokens = nn.Sequential(
            # Levels and attention maps differ in size by orders of magnitude.
            nn.BatchNorm2d(sum(info.channels for info in infos)),
            nn.Conv2d(sum(info.channels for info in infos), width, 1),
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.GELU(),
        )
        side = config.image_size // self._stride
        self.positions = nn.Parameter(torch.zeros(1, side * side, width))
        self._kept: dict[bytes, Tensor] = {}
        self.post_init()

    def forward(self, pixel_values: Tensor, **kwargs: Any) -> BaseModelOutput:
        """Encodes pictures.

        Args:
            pixel_values: RGB in [-1, 1], shape (B, 3, image_size, image_size).
            **kwargs: What transformers asks of encoders with attention of their own;
                there is none here.

        Returns:
            ``last_hidden_state``, shape (B, (image_size / 8)^2, hidden_size).
        """
        keeps = self.training and self.config.kept_pictures > 0
        features = (
            self._remember(pixel_values) if keeps else self._features(pixel_values)
        )
        features = features.to(self.positions.dtype)
        tokens = self.tokens(features).flatten(2).transpose(1, 2)  # (B, hw, C)
        return BaseModelOutput(last_hidden_state=tokens + self.positions)

    @torch.no_grad()
    def _features(self, images: Tensor) -> Tensor:
        """Features and attention maps of all levels, (B, C, h, w)."""
        config = self.config
        prior = _load_prior(
            config.arch,
            config.pretrained,
            tuple(config.names),
            config.timestep,
            images.device,
        )
        finest, *coarser = prior(images.float())
        size = finest.shape[-2:]
        maps = [F.interpolate(each, size=size, mode='bilinear') for each in coarser]
        return torch.cat([finest, *maps], dim=1)

    def _remember(self, images: Tensor) -> Tensor:
        """Features of pictures, taken from memory where they were seen before."""
        keys = [
            hashlib.blake2b(image.cpu().numpy().tobytes()).digest()
            for image in images.float()
        ]
        known = {key: self._kept[key] for key in keys if key in self._kept}
        new = [index for index, key in enumerate(keys) if key not in known]
        if new:
            features = self._features(images[new]).half()
            known |= {keys[i]: each for i, each in zip(new, features, strict=True)}
        for key in keys:
            if len(self._kept) < self.config.kept_pictures:
                self._kept.setdefault(key, known[key])
        return torch.stack([known[key].float() for key in keys])


def _build_prior(config: DiffusionVisionConfig) -> StableDiffusionBackbone:
    return StableDiffusionBackbone(
        arch=config.arch,
        pretrained=config.pretrained,
        prompt=dict(type='ClassNamePrompt', classes=list(config.names)),
        timestep=config.timestep,
        # What the prior was trained with.
        latent_scale=0.18215,
        attention=dict(max_size=64),
        trainable='none',
    )


@functools.cache
def _load_prior(
    arch: str,
    pretrained: str | None,
    names: tuple[str, ...],
    timestep: int,
    device: torch.device,
) -> StableDiffusionBackbone:
    config = DiffusionVisionConfig(arch, pretrained, names, timestep)
    prior = _build_prior(config)
    with without_init_report():
        prior.init_weights()
    return prior.requires_grad_(False).eval().to(device)


AutoConfig.register(DiffusionVisionConfig.model_type, DiffusionVisionConfig)
AutoModel.register(DiffusionVisionConfig, DiffusionVisionModel)
