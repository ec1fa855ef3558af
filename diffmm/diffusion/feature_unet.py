"""The denoising UNet as a feature extractor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from .attention import AttentionRequest
from .denoising_pass import DenoisingPass
from .fast_layers import use_fast_layers
from .layer_choice import LayerChoice
from .unet_layers import UNetLayer, list_steps, remove_part

_BLOCKS = {
    *('DownBlock2D', 'CrossAttnDownBlock2D', 'UpBlock2D', 'CrossAttnUpBlock2D'),
    *('UNetMidBlock2DCrossAttn', 'None'),
}


class UNetFeatures(NamedTuple):
    """Result of a feature pass.

    Attributes:
        maps: Outputs of the layers that the UNet reads, in their order. By default
            decoder features, fine to coarse: level i has shape
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
    """Stable Diffusion's UNet, run once for the outputs of its layers.

    It has the parameters and names of ``diffusers.UNet2DConditionModel``, less those
    that a pass would not use: the output layer, unless its prediction is wanted, and
    the timestep's MLP, if other embeddings replace it. An unused parameter would force
    ``find_unused_parameters`` on every distributed run.

    By default it reads the layers of the released VPD: the last map, and at each
    coarser level the last one before the level's up-sampling unit. In the CompVis
    numbering of SD1.x these are output blocks 11, 7, 4 and 1. ``read_layers`` chooses
    others.
    """

    untrained: tuple[str, ...] = ()
    """Modules that run and get no gradient, behind the last layer with one."""
    removed: tuple[str, ...] = ()
    """Modules that pre-trained weights have, and no pass needs."""
    _choice: LayerChoice

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
        use_fast_layers(unet)
        if not output_layer:
            del unet.conv_norm_out, unet.conv_act, unet.conv_out
        if not timestep_mlp:
            del unet.time_proj, unet.time_embedding
        unet._choice = LayerChoice(list_steps(unet), unet.decoder_layers())
        return unet

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that a pass returns."""
        return self._choice.names

    def list_layers(self) -> list[UNetLayer]:
        """Lists the layers that a pass can return, in the order of computation."""
        return list(self._choice.layers)

    def decoder_layers(self) -> tuple[str, ...]:
        """Names the layers of the released VPD, fine to coarse."""
        names = []
        for index, block in enumerate(self.up_blocks):
            has_attention = hasattr(block, 'attentions')
            last = len(block.resnets) - (1 if index + 1 == len(self.up_blocks) else 2)
            kind = 'attentions' if has_attention else 'resnets'
            names.append(f'up_blocks.{index}.{kind}.{last}')
        return tuple(reversed(names))

    def read_layers(
        self,
        names: Sequence[str],
        attention: AttentionRequest | None = None,
        predictions_train: bool = True,
    ) -> None:
        """Chooses the layers that a pass returns, once, before weights are loaded.

        What lies behind the last of them is removed. A UNet that predicts keeps it,
        because its other passes are whole.

        Args:
            names: Names of layers, of ``list_layers``.
            attention: The request that every pass will have.
            predictions_train: Whether predictions carry gradient, as in Meta Prompts'
                refinement. If not, ``untrained`` lists what gets none.

        Raises:
            ValueError: A layer does not exist.
        """
        self._choice.read(names, attention)
        untrained = self._choice.untrained()
        if not hasattr(self, 'conv_out'):
            self.removed = tuple(self._choice.unreached())
            for path in self.removed:
                remove_part(self, path)
            untrained = [path for path in untrained if path not in self.removed]
        elif predictions_train:
            untrained = []
        else:
            untrained += ['conv_norm_out', 'conv_out']
        self.untrained = tuple(untrained)

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
        maps = self._choice.requested_maps(request)
        return tuple(sorted({layer.level for layer in maps}))

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
            The outputs of ``layers``, the captured attention maps and the prediction.

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
        # 2. The layers to read. A prediction needs a whole pass.
        last = None if predict else self._choice.last(attention)
        denoising = DenoisingPass(embedding, context, attention, self.layers, last)

        # 3. Run up to the last of them.
        hidden = denoising.run_up_to_last(self, latents)

        # 4. The latents of another pass. (B, 4, h, w)
        prediction = self._predict(hidden) if predict else None
        maps = tuple(denoising.outputs[name] for name in self.layers)
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
