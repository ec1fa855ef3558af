"""The plain diffusers UNet, the yardstick of the benchmark."""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

# What a feature UNet may lack.
_OPTIONAL = ('conv_norm_out', 'conv_out', 'time_embedding')


class PlainPass(nn.Module):
    """One forward of ``diffusers.UNet2DConditionModel``, all parameters trainable.

    Args:
        unet: The UNet whose architecture and weights to take. The weights are shared,
            not copied; only what a feature UNet may lack is new: the output layer, and
            the timestep's MLP where time embeddings are learned. LoRA layers are left
            out.
        timestep: Diffusion step of the pass.

    Raises:
        ValueError: If the UNet's weights do not fit diffusers' UNet.
    """

    def __init__(self, unet: UNet2DConditionModel, timestep: int) -> None:
        super().__init__()
        self.unet = _share_weights(unet)
        self.timestep = timestep

    def forward(self, latents: Tensor, context: Tensor) -> tuple[Tensor]:
        """Predict the noise.

        Args:
            latents: ``(B, 4, h, w)``.
            context: ``(B, N, D)``.

        Returns:
            The prediction ``(B, 4, h, w)`` as a tuple of one.
        """
        return self.unet(latents, self.timestep, context, return_dict=False)


def _share_weights(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    config = {key: value for key, value in unet.config.items() if key[0] != '_'}
    with torch.device('meta'):
        plain = UNet2DConditionModel.from_config(config)
    state = {
        name.replace('.base_layer.', '.'): tensor
        for name, tensor in unet.state_dict().items()
        if '.lora_' not in name
    }
    keys = plain.load_state_dict(state, strict=False, assign=True)
    missing = [key for key in keys.missing_keys if not key.startswith(_OPTIONAL)]
    if missing or keys.unexpected_keys:
        raise ValueError(
            'the weights do not fit diffusers.UNet2DConditionModel: missing '
            f'{missing[:5]}, unexpected {keys.unexpected_keys[:5]}'
        )
    for name in dict.fromkeys(key.split('.')[0] for key in keys.missing_keys):
        part = getattr(plain, name).to_empty(device=unet.device).to(unet.dtype)
        for layer in part.modules():
            if hasattr(layer, 'reset_parameters'):
                layer.reset_parameters()
    return plain
