"""The precision that a UNet runs in."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import nn

from diffmm.utils.bfloat16 import say_if_slow


def unet_precision(device: torch.device, autocast: bool) -> AbstractContextManager:
    """Makes the context that a UNet, or a model with one, runs in.

    Args:
        device: Where it runs. A CPU without instructions for bfloat16 is named once.
        autocast: Run it in bfloat16, or leave its precision alone.

    Returns:
        The context.
    """
    if not autocast:
        return nullcontext()
    if not torch.compiler.is_compiling():
        say_if_slow(device.type)
    return torch.autocast(device.type, torch.bfloat16)


def run_in_bfloat16(model: nn.Module) -> bool:
    """Lets every UNet of a model predict in bfloat16; the rest stays as it is.

    Some heads and metrics do not support bfloat16. The UNet's weights are converted,
    because autocast alone would convert all of them in every pass.

    Args:
        model: A model with a ``StableDiffusionBackbone``, or a generative perceptor.
            It can no longer be trained.

    Returns:
        Whether there is such a UNet.
    """
    # Both kinds of model have the switch beside their UNet.
    found = [each for each in model.modules() if hasattr(each, 'autocast')]
    for each in found:
        each.autocast = True
        if hasattr(each, 'unet'):
            unet = each.unet.requires_grad_(False).bfloat16()
            # A sixth less time of Stable Diffusion 1.5 at 512 pixels, on a CPU with
            # matrix units.
            unet.to(memory_format=torch.channels_last)
    return bool(found)
