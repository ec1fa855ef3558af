"""The UNet of a generative perceptor and its pre-trained weights."""

from __future__ import annotations

from dataclasses import replace

from diffusers import UNet2DConditionModel
from torch import Tensor

from diffmm.diffusion import Architecture, WeightsError, widen_input
from diffmm.diffusion.fast_layers import use_fast_layers
from diffmm.diffusion.weights import PriorSource

INPUT_LAYER = 'conv_in.weight'
_LATENT_CHANNELS = 4


def build_unet(architecture: Architecture, num_inputs: int = 2) -> tuple:
    """Builds a UNet that sees an image beside its noisy target.

    Args:
        architecture: The architecture; its UNet is that of Stable Diffusion.
        num_inputs: Number of latents that it sees: 2, or 1 for the image alone.

    Returns:
        The UNet with random weights, a ``diffusers.UNet2DConditionModel`` with as many
        times the input channels, and its architecture.
    """
    config = dict(architecture.unet)
    config['in_channels'] = num_inputs * config.get('out_channels', 4)
    unet = UNet2DConditionModel(**config)
    use_fast_layers(unet)
    return unet, replace(architecture, unet=config)


def load_unet(
    unet: UNet2DConditionModel,
    source: PriorSource,
    architecture: Architecture,
    input_init: str,
    image_first: bool,
) -> None:
    """Fills the UNet with pre-trained weights.

    Args:
        unet: The UNet of `build_unet`.
        source: Weights of Stable Diffusion, whose input layer is widened, or of a
            trained perceptor (Marigold, InstructPix2Pix), which are taken as they are.
        architecture: The architecture of `build_unet`.
        input_init: As for `widen_input`.
        image_first: As for `widen_input`.

    Raises:
        WeightsError: The weights are missing, damaged or of another architecture.
    """
    # Both widths are welcome, so the width is left out of what must agree.
    shape = {k: v for k, v in architecture.unet.items() if k != 'in_channels'}
    tensors = source.state_dict('unet', replace(architecture, unet=shape))
    width = unet.config.in_channels
    tensors = _widened(tensors, width, source.location, input_init, image_first)
    source.assign(unet, tensors, 'unet', architecture)


def _widened(
    tensors: dict[str, Tensor],
    width: int,
    location: str,
    init: str,
    image_first: bool,
) -> dict[str, Tensor]:
    weight = tensors.get(INPUT_LAYER)
    if weight is None or weight.shape[1] == width:
        return tensors
    if width == _LATENT_CHANNELS:
        raise WeightsError(
            f'the UNet of {location} has {weight.shape[1]} input channels; a perceptor '
            f'that sees the image alone takes {width} (Stable Diffusion)'
        )
    if weight.shape[1] != width // 2:
        raise WeightsError(
            f'the UNet of {location} has {weight.shape[1]} input channels; a perceptor '
            f'takes {width // 2} (Stable Diffusion), whose input layer it widens, or '
            f'{width} (Marigold, InstructPix2Pix)'
        )
    return {**tensors, INPUT_LAYER: widen_input(weight, init, image_first)}
