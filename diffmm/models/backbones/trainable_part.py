"""The choice of the UNet's parameters that train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import nn

from diffmm.diffusion import FeatureUNet

PARTS = ('all', 'norm', 'none')
_ATTENTION_PROJECTIONS = ('to_q', 'to_k', 'to_v', 'to_out.0')
_LORA_OPTIONS = ('rank', 'alpha', 'dropout', 'targets')
_NORMS = (nn.GroupNorm, nn.LayerNorm)


def set_trainable_part(unet: FeatureUNet, part: str | Mapping) -> None:
    """Freezes a UNet except for one part.

    Args:
        unet: The UNet, changed in place.
        part: ``'all'``, ``'norm'`` (group and layer norms), ``'none'``, or
            ``dict(type='lora', rank=8, alpha=8, dropout=0., targets=(...))`` for
            low-rank adapters beside the attention projections.

    Raises:
        ValueError: If the part or a LoRA option is unknown.
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
        _add_lora(unet, **options)
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
    for path in unet.untrained:
        unet.get_submodule(path).requires_grad_(False)


def _add_lora(
    unet: FeatureUNet,
    rank: int = 8,
    alpha: int | None = None,
    dropout: float = 0.0,
    targets: Sequence[str] = _ATTENTION_PROJECTIONS,
) -> None:
    try:
        from peft import LoraConfig
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "trainable=dict(type='lora') needs peft: pip install 'peft>=0.13'",
            name='peft',
        ) from error
    unet.requires_grad_(False)
    config = LoraConfig(
        r=rank,
        lora_alpha=rank if alpha is None else alpha,
        lora_dropout=dropout,
        target_modules=list(targets),
    )
    unet.add_adapter(config)
