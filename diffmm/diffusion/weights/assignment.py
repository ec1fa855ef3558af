"""Putting tensors into a module, or saying precisely why they do not fit."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from .weights_error import WeightsError

# peft wraps the layers it adapts and keeps the original one under this name.
_PEFT_WRAPPER = '.base_layer'


def assign_weights(
    module: nn.Module, tensors: Mapping[str, Tensor], source: str, architecture: str
) -> None:
    """Copies tensors into every parameter and buffer of a module.

    Tensors that the module has no place for (a VAE's decoder, say) are left aside.
    Low-rank adapters that the module already has keep their values.

    Args:
        module: The module to fill, in place.
        tensors: Values by name.
        source: What the message calls the tensors.
        architecture: What the message calls the module's architecture.

    Raises:
        WeightsError: If a tensor is missing or has another shape. Nothing is copied.
    """
    targets = {
        name.replace(_PEFT_WRAPPER, ''): tensor
        for name, tensor in module.state_dict(keep_vars=True).items()
        if '.lora_' not in name
    }
    missing = [name for name in targets if name not in tensors]
    different = [
        f'{name} is {tuple(tensors[name].shape)}, expected {tuple(target.shape)}'
        for name, target in targets.items()
        if name in tensors and tensors[name].shape != target.shape
    ]
    if missing or different:
        raise WeightsError(
            f'{source} does not fit architecture {architecture!r}: '
            f'{len(missing)} of {len(targets)} tensors missing {missing[:3]}, '
            f'{len(different)} of another shape {different[:3]}. Name the weights that '
            'belong to this architecture, or the architecture of these weights'
        )
    with torch.no_grad():
        for name, target in targets.items():
            target.copy_(tensors[name])
