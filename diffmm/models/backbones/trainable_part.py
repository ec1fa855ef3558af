"""The choice of the UNet's parameters that train."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from diffmm.diffusion import FeatureUNet
from diffmm.diffusion.low_rank import add_low_rank

PARTS = ('all', 'norm', 'none')
_LORA_OPTIONS = ('rank', 'alpha', 'dropout', 'targets')
_NORMS = (nn.GroupNorm, nn.LayerNorm)


def set_trainable_part(unet: FeatureUNet, part: str | Mapping) -> None:
    """Freezes a UNet except for one part.

    Args:
        unet: The UNet, changed in place.
        part: ``'all'``, ``'norm'`` (group and layer norms), ``'none'``, or
            ``dict(type='lora', rank=8, alpha=8, dropout=0., targets=(...))`` for
            low-rank adapters beside the attention projections, or other ``targets``:
            ends of names, ``'all-linear'``, or a regular expression, as peft takes
            them.

    Raises:
        ValueError: If the part or a LoRA option is unknown, or a target matches no
            layer.
    """
    if isinstance(part, Mapping):
        options = dict(part)
        if options.pop('type', None) != 'lora':
            raise ValueError(
                f"trainable as a dict must have type='lora', got {dict(part)!r}"
            )
        unknown = sorted(set(options) - set(_LORA_OPTIONS))
        if unknown:
            raise ValueError(f'LoRA has options {_LORA_OPTIONS}, got {unknown}')
        add_low_rank(unet, **options)
    elif part not in PARTS:
        raise ValueError(
            f"trainable must be one of {PARTS} or dict(type='lora', rank=...), "
            f'got {part!r}'
        )
    else:
        unet.requires_grad_(part == 'all')
        if part == 'norm':
            for module in unet.modules():
                if isinstance(module, _NORMS):
                    module.requires_grad_(True)
    # What lies behind the last layer with a gradient would get none.
    for path in getattr(unet, 'untrained', ()):
        unet.get_submodule(path).requires_grad_(False)
