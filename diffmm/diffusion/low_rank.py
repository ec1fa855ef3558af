"""Low-rank adapters beside the layers of a UNet, through peft."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from diffusers import StableDiffusionPipeline, UNet2DConditionModel

ATTENTION_PROJECTIONS = ('to_q', 'to_k', 'to_v', 'to_out.0')


def add_low_rank(
    unet: UNet2DConditionModel,
    rank: int = 8,
    alpha: int | None = None,
    dropout: float = 0.0,
    targets: str | Sequence[str] = ATTENTION_PROJECTIONS,
) -> None:
    """Freezes a UNet and puts trainable low-rank adapters beside some of its layers.

    Args:
        unet: The UNet, changed in place.
        rank: Rank of the adapters.
        alpha: Numerator of their scale ``alpha / rank``; None takes the rank.
        dropout: Dropout before the adapters.
        targets: Layers, as peft takes them: ends of names, ``'all-linear'``, or a
            regular expression of whole names.

    Raises:
        ValueError: A target matches no layer, or peft refuses a number.
        ModuleNotFoundError: peft is not installed.
    """
    try:
        from peft import LoraConfig
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "trainable=dict(type='lora') needs peft: pip install 'peft>=0.13'",
            name='peft',
        ) from error
    names = [name for name, _ in unet.named_modules()]
    if not isinstance(targets, str):
        targets = list(targets)
        unmatched = [
            target
            for target in targets
            if not any(name == target or name.endswith(f'.{target}') for name in names)
        ]
        if unmatched or not targets:
            raise ValueError(
                f'LoRA targets {unmatched or targets} match no layer of the UNet; '
                f'targets are ends of names such as {ATTENTION_PROJECTIONS}, '
                "'all-linear' or a regular expression"
            )
    config = LoraConfig(
        r=rank,
        lora_alpha=rank if alpha is None else alpha,
        lora_dropout=dropout,
        target_modules=targets,
    )
    unet.requires_grad_(False)
    unet.add_adapter(config)


def write_low_rank(unet: UNet2DConditionModel, folder: Path) -> None:
    """Writes the adapters of a UNet as diffusers' scripts do.

    Args:
        unet: A UNet of `add_low_rank`.
        folder: Folder for ``pytorch_lora_weights.safetensors``.
    """
    from peft.utils import get_peft_model_state_dict

    config = unet.peft_config['default']
    layers = get_peft_model_state_dict(unet)
    options = {}
    if config.lora_alpha != config.r:
        options['unet_lora_adapter_metadata'] = config.to_dict()
    StableDiffusionPipeline.save_lora_weights(folder, layers, **options)
