"""Files of low-rank weights (LoRA) that change a pre-trained model."""

from __future__ import annotations

import json
import re
from pathlib import Path

from diffusers import StableDiffusionPipeline
from diffusers.utils.state_dict_utils import (
    convert_state_dict_to_peft,
    convert_unet_state_dict_to_peft,
)
from safetensors import safe_open
from torch import Tensor

from .tensor_file import WeightsError, read_tensor_file

_FILE = 'pytorch_lora_weights'
_FACTOR = re.compile(
    r'(?P<part>unet|text_encoder)\.(?:text_model\.)?(?P<layer>.+?)'
    r'(?:\.lora)?(?:_linear_layer)?[._](?P<factor>lora_A|lora_B|A|B|down|up)'
    r'(?:\.default)?\.weight'
)
_KOHYA = {'unet': 'lora_unet_', 'text_encoder': 'lora_te_text_model_'}
_DOWN = ('lora_A', 'A', 'down')


class LowRankWeights:
    """The changes that a LoRA file makes to the layers of a model.

    Args:
        path: ``pytorch_lora_weights.safetensors`` as diffusers' scripts and DiffMM
            write it, its folder, or a file in kohya's form.

    Raises:
        WeightsError: There is no such file, it is damaged, or holds no low-rank
            weights.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = _find(Path(path).expanduser())
        content = read_tensor_file(self.path)
        # In kohya's form; the names that diffusers gives them depend on the layer.
        self._alphas = {
            name: tensor.item()
            for name, tensor in content.items()
            if name.endswith('.alpha')
        }
        tensors, _ = StableDiffusionPipeline.lora_state_dict(content)
        tensors = convert_unet_state_dict_to_peft(tensors)
        self._factors: dict[tuple[str, str], dict[bool, Tensor]] = {}
        for name, tensor in _peft_names(tensors).items():
            found = _FACTOR.fullmatch(name)
            if not found:
                raise WeightsError(
                    f'{self.path} holds {name!r}, which is no low-rank weight of a '
                    'UNet or a text encoder'
                )
            key = (found['part'], found['layer'])
            factors = self._factors.setdefault(key, {})
            factors[found['factor'] in _DOWN] = tensor
        if not self._factors:
            raise WeightsError(f'{self.path} holds no low-rank weights')
        self._metadata = _metadata(self.path)

    def merge(self, part: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Adds the changes to the weights of a network.

        Args:
            part: ``'unet'``, ``'text_encoder'`` or ``'vae'``.
            tensors: Its weights by name; not changed.

        Returns:
            The weights, changed.

        Raises:
            WeightsError: A layer does not exist, or has another shape: the file belongs
                to another architecture.
        """
        merged = dict(tensors)
        problems = []
        for (owner, layer), factors in self._factors.items():
            if owner != part:
                continue
            weight = tensors.get(f'{layer}.weight')
            if weight is None or len(factors) < 2:
                problems.append(f'{layer} is missing')
                continue
            down, up = factors[True].float(), factors[False].float()
            change = up.flatten(1) @ down.flatten(1)
            if change.shape != weight.flatten(1).shape:
                problems.append(
                    f'{layer} is {tuple(change.shape)}, expected {tuple(weight.shape)}'
                )
                continue
            scale = self._alpha(part, layer, len(down)) / len(down)
            change = (scale * change).reshape(weight.shape)
            merged[f'{layer}.weight'] = (weight.float() + change).to(weight.dtype)
        if problems:
            count = sum(owner == part for owner, _ in self._factors)
            raise WeightsError(
                f'the low-rank weights {self.path} do not fit this {part}: '
                f'{len(problems)} of {count} layers, such as {problems[0]}; they were '
                'trained on another architecture'
            )
        return merged

    def _alpha(self, part: str, layer: str, rank: int) -> float:
        """The numerator of the scale; the rank where a file says nothing."""
        kohya = _KOHYA[part] + layer.replace('.', '_')
        if f'{kohya}.alpha' in self._alphas:
            return self._alphas[f'{kohya}.alpha']
        pattern = self._metadata.get(f'{part}.alpha_pattern') or {}
        for name, alpha in pattern.items():
            if layer == name or layer.endswith(f'.{name}'):
                return alpha
        return self._metadata.get(f'{part}.lora_alpha', rank)


def _find(path: Path) -> Path:
    if not path.is_dir():
        return path
    for suffix in ('.safetensors', '.bin'):
        if (path / f'{_FILE}{suffix}').is_file():
            return path / f'{_FILE}{suffix}'
    raise WeightsError(f'the folder {path} has no {_FILE}.safetensors; name the file')


def _peft_names(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    text = {k: v for k, v in tensors.items() if k.startswith('text_encoder.')}
    others = {k: v for k, v in tensors.items() if k not in text}
    if any('lora_linear_layer' in name or '_lora.' in name for name in text):
        text = convert_state_dict_to_peft(text)
    return others | text


def _metadata(path: Path) -> dict:
    """Settings that newer diffusers writes into a file."""
    if path.suffix != '.safetensors':
        return {}
    with safe_open(path, framework='pt') as file:
        text = (file.metadata() or {}).get('lora_adapter_metadata')
    return json.loads(text) if text else {}
