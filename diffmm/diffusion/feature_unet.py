"""The denoising UNet as a feature extractor."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .attention import AttentionRequest
from .spatial_transformer import run_spatial_transformer

_Unit: TypeAlias = tuple[nn.Module, nn.Module | None]
_BLOCKS = {
    *('DownBlock2D', 'CrossAttnDownBlock2D', 'UpBlock2D', 'CrossAttnUpBlock2D'),
    *('UNetMidBlock2DCrossAttn', 'None'),
}


class UNetFeatures(NamedTuple):
    """Result of a feature pass.

    Attributes:
        maps: Decoder features, fine to coarse: level i has shape
            (B, C_i, h / 2**i, w / 2**i) for latents of size h x w.
        attention_maps: For every captured level, the mean over its layers of the
            head-averaged cross-attention probabilities, (B, N, h / 2**i, w / 2**i).
        prediction: Output of the output layer on the finest map, (B, 4, h, w): the
            latents of the next pass. None unless asked for.
    """

    maps: tuple[Tensor, ...]
    attention_maps: dict[int, Tensor]
    prediction: Tensor | None = None

    def float(self) -> UNetFeatures:
        """Converts maps and prediction to single precision; attention maps have it."""
        maps = tuple(feature.float() for feature in self.maps)
        prediction = None if self.prediction is None else self.prediction.float()
        return self._replace(maps=maps, prediction=prediction)


class FeatureUNet(UNet2DConditionModel):
    """Stable Diffusion's UNet, run once for its decoder features.

    It has the parameters and names of ``diffusers.UNet2DConditionModel``, less those
    that a pass would not use: the output layer, unless its prediction is wanted, and
    the timestep's MLP, if other embeddings replace it. An unused parameter would force
    ``find_unused_parameters`` on every distributed run.

    The taps follow the released VPD: the last map, and at each coarser level the last
    one before the level's up-sampling unit. In the CompVis numbering of SD1.x these
    are output blocks 11, 7, 4 and 1.
    """

    @classmethod
    def build(
        cls, config: dict, output_layer: bool = False, timestep_mlp: bool = True
    ) -> FeatureUNet:
        """Builds the UNet of a diffusers configuration with random weights.

        Args:
            config: A ``UNet2DConditionModel`` configuration.
            output_layer: Keep the norm and convolution that predict noise. Meta Prompts
                makes the latents of its next pass with them.
            timestep_mlp: Keep the layers that embed timesteps. Without them, every pass
                needs a ``time_embedding``.

        Returns:
            The UNet.

        Raises:
            ValueError: The UNet sees more than an image's latents, or has blocks of
                another kind than Stable Diffusion's.
        """
        unet = cls.from_config(config)
        _check_kind(unet)
        if not output_layer:
            del unet.conv_norm_out, unet.conv_act, unet.conv_out
        if not timestep_mlp:
            del unet.time_proj, unet.time_embedding
        return unet

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels of the feature maps, fine to coarse."""
        return tuple(self.config.block_out_channels)

    @property
    def time_embedding_width(self) -> int:
        """Width E of the embedding that modulates the residual blocks."""
        # Four times the base width where a configuration does not say (all of SD's).
        return self.config.time_embedding_dim or 4 * self.config.block_out_channels[0]

    def captured_levels(self, request: AttentionRequest | None) -> tuple[int, ...]:
        """Levels whose cross-attention maps a request captures.

        Args:
            request: Which maps to return, or None for none.

        Returns:
            Those levels at which a block of a requested stage has cross-attention, from
            0 (the latents' own resolution) on.
        """
        if request is None:
            return ()
        down = list(enumerate(self.down_blocks))
        stages = dict(
            down=down,
            mid=[(down[-1][0], self.mid_block)],
            up=zip(range(len(down)), reversed(self.up_blocks), strict=True),
        )
        levels = {
            level
            for stage, blocks in stages.items()
            for level, block in blocks
            if hasattr(block, 'attentions') and request.wants(stage, level)
        }
        return tuple(sorted(levels))

    def forward(
        self,
        latents: Tensor,
        context: Tensor,
        timestep: int | Tensor = 1,
        time_embedding: Tensor | None = None,
        attention: AttentionRequest | None = None,
        predict: bool = False,
    ) -> UNetFeatures:
        """Runs a denoising pass and returns its features.

        Args:
            latents: Latents of shape (B, 4, h, w), h and w multiples of 8.
            context: What cross-attention attends to, shape (B, N, D).
            timestep: Noise level, an integer or a tensor of shape (B,). The released
                VPD uses 1 (its paper says 0).
            time_embedding: Replaces the sinusoid and its MLP, shape (1 or B, E).
                Meta Prompts learns one for every refinement step.
            attention: Which cross-attention maps to return, or None for none.
            predict: Also run the output layer on the finest map.

        Returns:
            The decoder features, the captured attention maps and the prediction.

        Raises:
            ValueError: If h or w is not a multiple of 8, the context's width is not
                the UNet's, or the pass needs a part that the UNet was built without.
        """
        self._check_inputs(latents, context)
        self._check_parts(time_embedding, predict)

        # 1. Time embedding. (B, E)
        if time_embedding is None:
            time_embedding = self._embed_timestep(timestep, latents)
        embedding = time_embedding.expand(latents.shape[0], -1)
        denoising = _DenoisingPass(embedding, context, attention)

        # 2. Down: the output of every unit is a skip connection.
        hidden = self.conv_in(latents)
        skips = [hidden]
        for level, block in enumerate(self.down_blocks):
            for unit in _units(block):
                hidden = denoising.run(block, unit, hidden, 'down', level)
                skips.append(hidden)
            if block.downsamplers is not None:
                hidden = block.downsamplers[0](hidden)
                skips.append(hidden)

        # 3. Middle, where there is one: a unit, and a last residual block.
        if self.mid_block is not None:
            middle = self.mid_block
            first, last = middle.resnets
            unit = (first, middle.attentions[0])
            hidden = denoising.run(middle, unit, hidden, 'mid', level)
            hidden = denoising.run(middle, (last, None), hidden, 'mid', level)

        # 4. Up, coarse to fine, tapping each level.
        taps = []
        for block in self.up_blocks:
            units = _units(block)
            tap = len(units) - (2 if level else 1)
            for index, unit in enumerate(units):
                hidden = torch.cat([hidden, skips.pop()], dim=1)
                hidden = denoising.run(block, unit, hidden, 'up', level)
                if index == tap:
                    taps.append(hidden)
            if level:
                hidden = block.upsamplers[0](hidden)
                level -= 1

        # 5. The latents of another pass. (B, 4, h, w)
        prediction = self._predict(hidden) if predict else None
        maps = tuple(reversed(taps))
        return UNetFeatures(maps, denoising.attention_maps(), prediction)

    def _predict(self, hidden: Tensor) -> Tensor:
        return self.conv_out(self.conv_act(self.conv_norm_out(hidden)))

    def _embed_timestep(self, timestep: int | Tensor, latents: Tensor) -> Tensor:
        """Applies the sinusoid (cosines first) and the pre-trained MLP. (B, E)."""
        steps = torch.as_tensor(timestep, device=latents.device).expand(len(latents))
        return self.time_embedding(self.time_proj(steps).to(latents.dtype))

    def _check_inputs(self, latents: Tensor, context: Tensor) -> None:
        factor = 2 ** (len(self.down_blocks) - 1)
        height, width = latents.shape[-2:]
        if height % factor or width % factor:
            raise ValueError(
                f'latents of {height}x{width} cannot pass this UNet: both sides must '
                f'be multiples of {factor} (pad the image to multiples of 64)'
            )
        if context.shape[-1] != self.config.cross_attention_dim:
            raise ValueError(
                f'the context is {context.shape[-1]} wide, this UNet attends to '
                f'{self.config.cross_attention_dim}'
            )

    def _check_parts(self, time_embedding: Tensor | None, predict: bool) -> None:
        if time_embedding is None and not hasattr(self, 'time_embedding'):
            raise ValueError(
                'this UNet was built with timestep_mlp=False and embeds no timesteps: '
                'pass a time_embedding'
            )
        if predict and not hasattr(self, 'conv_out'):
            raise ValueError(
                'this UNet was built without its output layer and predicts nothing: '
                'build it with output_layer=True'
            )


def _check_kind(unet: UNet2DConditionModel) -> None:
    channels = unet.config.in_channels
    if channels != unet.config.out_channels:
        raise ValueError(
            f'a UNet with in_channels={channels} sees more than the latents of an '
            'image, which is all that a backbone has; DiffusionPerceptor takes UNets '
            'of 8 input channels (Marigold, InstructPix2Pix)'
        )
    kinds = {
        *unet.config.down_block_types,
        *unet.config.up_block_types,
        unet.config.mid_block_type or 'None',
    }
    if kinds - _BLOCKS:
        raise ValueError(
            f'a UNet with blocks of type {sorted(kinds - _BLOCKS)} cannot be a '
            f'backbone; known are {sorted(_BLOCKS)}'
        )


class _DenoisingPass:
    """Inputs that the units of a pass share, and the attention maps they collect."""

    def __init__(
        self, embedding: Tensor, context: Tensor, request: AttentionRequest | None
    ) -> None:
        self._embedding = embedding
        self._context = context
        self._request = request
        self._sums: dict[int, Tensor] = {}
        self._counts: dict[int, int] = {}

    def run(
        self, block: nn.Module, unit: _Unit, hidden: Tensor, stage: str, level: int
    ) -> Tensor:
        """Runs a residual block and the transformer behind it, if there is one."""
        request = self._request
        capture = request is not None and request.wants(stage, level)
        gradient = capture and request.gradient
        arguments = (unit, hidden, self._embedding, self._context, capture, gradient)
        # The flag that diffusers' own `enable_gradient_checkpointing` sets.
        if block.gradient_checkpointing and torch.is_grad_enabled():
            outputs = checkpoint(_run_unit, *arguments, use_reentrant=False)
        else:
            outputs = _run_unit(*arguments)
        hidden, attention_map = outputs
        if attention_map is not None:
            self._add(level, attention_map)
        return hidden

    def attention_maps(self) -> dict[int, Tensor]:
        """Averages the collected maps of each level."""
        return {
            level: self._sums[level] / self._counts[level]
            for level in sorted(self._sums)
        }

    def _add(self, level: int, attention_map: Tensor) -> None:
        self._counts[level] = self._counts.get(level, 0) + 1
        if level in self._sums:
            attention_map = self._sums[level] + attention_map
        self._sums[level] = attention_map


def _units(block: nn.Module) -> list[_Unit]:
    """Lists the residual blocks of a UNet block, each with its transformer or None."""
    attentions = getattr(block, 'attentions', [None] * len(block.resnets))
    return list(zip(block.resnets, attentions, strict=True))


def _run_unit(
    unit: _Unit,
    hidden: Tensor,
    embedding: Tensor,
    context: Tensor,
    capture: bool,
    gradient: bool,
) -> tuple[Tensor, Tensor | None]:
    resnet, transformer = unit
    hidden = resnet(hidden, embedding)
    if transformer is None:
        return hidden, None
    return run_spatial_transformer(transformer, hidden, context, capture, gradient)
