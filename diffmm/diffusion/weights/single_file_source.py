"""An original (CompVis / Stability) checkpoint in one file.

The only file that uses diffusers' conversion functions, which are not public API.
"""

from __future__ import annotations

import logging
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

from diffusers.loaders.single_file_utils import (
    convert_ldm_clip_checkpoint,
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
    convert_open_clip_checkpoint,
)
from torch import Tensor

from ..architecture import Architecture
from .prior_source import PriorSource
from .tensor_file import WeightsError, read_tensor_file

_PREFIXES = {
    'unet': 'model.diffusion_model.',
    'vae': 'first_stage_model.',
    'text_encoder': 'cond_stage_model.',
}
# Parts of the UNet, in the names of its tensors.
_UNET_PARTS = (
    *('time_embed.0.', 'time_embed.2.', 'input_blocks.', 'middle_block.'),
    *('output_blocks.', 'out.'),
)
_EMA_PREFIX = 'model_ema.'
_OPEN_CLIP_PREFIX = 'cond_stage_model.model.'
# Names that converters and trainers give to the layers of the VAE's attention.
_VAE_DIALECTS = {
    '.to_q.': '.q.',
    '.to_k.': '.k.',
    '.to_v.': '.v.',
    '.to_out.0.': '.proj_out.',
    '.query.': '.q.',
    '.key.': '.k.',
    '.value.': '.v.',
    '.proj_attn.': '.proj_out.',
    '.group_norm.': '.norm.',
}

# What users give in place of a checkpoint, by the starts of its tensors' names.
_OTHER_FILES = {
    ('backbone.', 'decode_head.', 'data_preprocessor.', 'prompt.'): (
        'one of a training: load_from= takes it'
    ),
    ('lora_', 'unet.down_blocks.', 'base_model.model.', 'text_encoder.text_model.'): (
        'low-rank weights, as it seems: lora=[FILE] takes them beside pretrained='
    ),
    ('down_blocks.', 'encoder.down_blocks.', 'text_model.'): (
        'one network of a diffusers folder: give the folder that holds unet, vae and '
        'text_encoder'
    ),
}

logger = logging.getLogger(__name__)


class SingleFileSource(PriorSource):
    """Reads ``.ckpt`` and ``.safetensors`` files of SD1.x and SD2.x.

    Args:
        path: The file. With or without a ``state_dict`` wrapper.
        use_ema: Take the UNet's moving average if the file holds both, like
            ``v1-5-pruned``. (``v1-5-pruned-emaonly``, which every paper starts from,
            holds only the average, under the plain names.)
    """

    def __init__(self, path: str | Path, use_ema: bool = True) -> None:
        super().__init__(str(path))
        self._path = Path(path)
        self._use_ema = use_ema

    @cached_property
    def _tensors(self) -> dict[str, Tensor]:
        return read_tensor_file(self._path)

    def state_dict(self, part: str, architecture: Architecture) -> dict[str, Tensor]:
        """Converts one network to diffusers' or transformers' names.

        Args:
            part: ``'unet'``, ``'vae'`` or ``'text_encoder'``.
            architecture: The expected shapes.

        Returns:
            Tensors by parameter name.

        Raises:
            WeightsError: If the file cannot be read or lacks the part.
        """
        tensors = self._tensors
        prefix = _PREFIXES[part]
        if not any(name.startswith(prefix) for name in tensors):
            raise WeightsError(
                f'{self.location} holds no {part}: none of its {len(tensors)} tensors '
                f'starts with {prefix!r} (the first are {sorted(tensors)[:3]}); it is '
                f'no original Stable Diffusion checkpoint{_hint(tensors)}'
            )
        try:
            return self._convert(part, architecture)
        except (KeyError, IndexError) as error:
            raise WeightsError(
                f'{part} of {self.location} is not of architecture '
                f'{architecture.name!r}: its layer {error} is missing'
            ) from error

    def _convert(self, part: str, architecture: Architecture) -> dict[str, Tensor]:
        if part == 'unet':
            # The converter consumes what it is given.
            return convert_ldm_unet_checkpoint(
                self._unet_tensors(), dict(architecture.unet)
            )
        if part == 'vae':
            return convert_ldm_vae_checkpoint(
                {_original_vae_name(k): v for k, v in self._tensors.items()},
                dict(architecture.vae),
            )
        if any(name.startswith(_OPEN_CLIP_PREFIX) for name in self._tensors):
            shape = SimpleNamespace(config=SimpleNamespace(**architecture.text_encoder))
            converted = convert_open_clip_checkpoint(shape, self._tensors)
            # SD2.x was trained with the features of the layer before the last.
            last = f'encoder.layers.{architecture.text_encoder["num_hidden_layers"]}.'
            converted = {k: v for k, v in converted.items() if last not in k}
        else:
            converted = convert_ldm_clip_checkpoint(self._tensors)
        return {k.removeprefix('text_model.'): v for k, v in converted.items()}

    def _unet_tensors(self) -> dict[str, Tensor]:
        """Takes the UNet's tensors, or their moving averages under the same names."""
        prefix = _PREFIXES['unet']
        tensors = {k: v for k, v in self._tensors.items() if k.startswith(prefix)}
        strangers = sorted(
            name
            for name in tensors
            if not name.removeprefix(prefix).startswith(_UNET_PARTS)
        )
        if strangers:
            # The converter would drop them: related UNets have further conditions.
            raise WeightsError(
                f'unet of {self.location} has {len(strangers)} tensors that Stable '
                f'Diffusion 1 and 2 have no place for, such as {strangers[:3]}; name '
                'weights of one of these'
            )
        averages = {
            name: _EMA_PREFIX + name.removeprefix('model.').replace('.', '')
            for name in tensors
        }
        if not self._use_ema or averages[next(iter(averages))] not in self._tensors:
            return tensors
        missing = [name for name in averages.values() if name not in self._tensors]
        if missing:
            raise WeightsError(
                f'{self.location} holds only a part of the moving average; '
                f'{len(missing)} tensors such as {missing[0]!r} are missing'
            )
        logger.info('taking the moving average of the UNet from %s', self.location)
        return {name: self._tensors[average] for name, average in averages.items()}


def _hint(tensors: dict[str, Tensor]) -> str:
    """Says what a file is that is no checkpoint, and what takes it."""
    for starts, hint in _OTHER_FILES.items():
        if any(name.startswith(starts) for name in tensors):
            return f', but {hint}'
    return ''


def _original_vae_name(name: str) -> str:
    if name.startswith(_PREFIXES['vae']) and '.attn_1.' in name:
        for other, original in _VAE_DIALECTS.items():
            name = name.replace(other, original)
    return name
