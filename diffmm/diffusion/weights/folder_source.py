"""A Stable Diffusion model in diffusers' folder layout."""

from __future__ import annotations

import json
from pathlib import Path

from torch import Tensor
from transformers import CLIPTokenizerFast

from diffmm.utils.checksums import ChecksumError, check_sums

from ..architecture import Architecture
from .prior_source import PriorSource
from .tensor_file import WeightsError, read_tensor_file
from .weights_names import PARTS, weights_names

# Weights that come with the package.
SHIPPED = ('mini',)
_SHIPPED_FOLDER = Path(__file__).parent / 'shipped'
# Settings that must agree for the weights to fit; other settings may differ.
_DECISIVE = {
    'unet': (
        'block_out_channels',
        'layers_per_block',
        'norm_num_groups',
        'cross_attention_dim',
        'attention_head_dim',
        'use_linear_projection',
        'in_channels',
    ),
    'vae': (
        'block_out_channels',
        'layers_per_block',
        'norm_num_groups',
        'latent_channels',
    ),
    'text_encoder': (
        'hidden_size',
        'num_hidden_layers',
        'num_attention_heads',
        'hidden_act',
    ),
}
# Names that VAE attention layers had before diffusers 0.17.
_OLD_VAE_NAMES = {
    '.query.': '.to_q.',
    '.key.': '.to_k.',
    '.value.': '.to_v.',
    '.proj_attn.': '.to_out.0.',
}


class FolderSource(PriorSource):
    """Reads ``unet/``, ``vae/`` and ``text_encoder/`` of a diffusers folder.

    Args:
        folder: The folder that holds ``model_index.json``.
        variant: See `weights_names`. A network without files of it has those without
            variant, if another network has some: repositories give ``non_ema`` for the
            UNet alone.
    """

    def __init__(self, folder: str | Path, variant: str | None = None) -> None:
        super().__init__(str(folder))
        self._folder = Path(folder)
        self._variant = variant

    def state_dict(self, part: str, architecture: Architecture) -> dict[str, Tensor]:
        """Reads one network of the folder.

        Args:
            part: ``'unet'``, ``'vae'`` or ``'text_encoder'``.
            architecture: The expected shapes.

        Returns:
            Tensors by parameter name.

        Raises:
            WeightsError: If the part is missing, damaged or of another architecture.
        """
        folder = self._folder / part
        if not folder.is_dir():
            raise WeightsError(
                f'{self.location} has no folder {part!r}; a diffusers model has {PARTS}'
            )
        self._check_config(part, getattr(architecture, part), architecture.name)
        tensors = self._read(part)
        if part == 'vae':
            return {_modern_vae_name(k): _as_linear(k, t) for k, t in tensors.items()}
        return {name.removeprefix('text_model.'): t for name, t in tensors.items()}

    def word_ids(self, size: int) -> dict[str, int]:
        """Finds the words that the folder's tokenizer has behind the vocabulary.

        Args:
            size: Size of the vocabulary before.

        Returns:
            Their ids, in ascending order.
        """
        folder = self._folder / 'tokenizer'
        if not folder.is_dir():
            return {}
        added = CLIPTokenizerFast.from_pretrained(folder).get_added_vocab()
        words = {word: number for word, number in added.items() if number >= size}
        return dict(sorted(words.items(), key=lambda item: item[1]))

    def _check_config(self, part: str, expected: dict, architecture: str) -> None:
        path = self._folder / part / 'config.json'
        if not path.is_file():
            raise WeightsError(f'{path} does not exist; is the folder complete?')
        config = _read_json(path)
        for key in _DECISIVE[part]:
            # An older config may leave a default out.
            if key not in expected or key not in config:
                continue
            # A Python config may hold tuples where JSON has lists.
            value = expected[key]
            value = list(value) if isinstance(value, tuple) else value
            if config[key] != value:
                advice = 'choose the `arch` of these weights'
                if key == 'in_channels':
                    advice = (
                        'a backbone sees an image alone. DiffusionPerceptor takes '
                        'weights that see it beside a noisy target'
                    )
                raise WeightsError(
                    f'{path} says {key}={config[key]!r}, but architecture '
                    f'{architecture!r} has {value!r}; {advice}'
                )

    def _read(self, part: str) -> dict[str, Tensor]:
        folder = self._folder / part
        path = find_weights(folder, part, self._variant)
        if path is None and self._has_variant():
            path = find_weights(folder, part)
        if path is None:
            names = [name.file for name in weights_names(part, self._variant)]
            raise WeightsError(
                f'{folder} holds no weights; expected one of {", ".join(names)}, or '
                'the index of such a file in parts'
            )
        return _read_shards(path) if path.suffix == '.json' else read_tensor_file(path)

    def _has_variant(self) -> bool:
        """Tells if a network has files of the variant that was named."""
        return any(find_weights(self._folder / p, p, self._variant) for p in PARTS)


def find_weights(folder: Path, part: str, variant: str | None = None) -> Path | None:
    """Finds the file of a network's weights, or the index of several.

    Args:
        folder: The network's own folder.
        part: ``'unet'``, ``'vae'`` or ``'text_encoder'``.
        variant: See `weights_names`.

    Returns:
        The best one that is there; None if there is none.
    """
    for name in weights_names(part, variant):
        for path in (folder / name.file, folder / name.index):
            if path.is_file():
                return path
    return None


def shipped_folder(name: str) -> Path:
    """Finds the diffusers folder of weights that the package carries.

    Args:
        name: One of ``SHIPPED``.

    Returns:
        The folder.

    Raises:
        WeightsError: This installation lacks it, or a file of it is damaged.
    """
    folder = _SHIPPED_FOLDER / name
    if not (folder / 'model_index.json').is_file():
        raise WeightsError(
            f'pretrained={name!r} names weights that belong to DiffMM, but this '
            f'installation has none at {folder}. Install a complete package, or train '
            'them with tools/pretrain_mini.py'
        )
    try:
        check_sums(folder)
    except ChecksumError as error:
        raise WeightsError(str(error)) from error
    return folder


def named_folder(name: str | Path) -> Path:
    """Finds a diffusers folder by what a command line calls it.

    Args:
        name: One of ``SHIPPED``, or the folder itself.

    Returns:
        The folder; one that was named need not exist.

    Raises:
        WeightsError: The installation lacks what it should carry.
    """
    return shipped_folder(name) if name in SHIPPED else Path(name)


def _read_shards(index: Path) -> dict[str, Tensor]:
    shard_of = _read_json(index).get('weight_map')
    if not isinstance(shard_of, dict) or not shard_of:
        raise WeightsError(
            f'{index} has no "weight_map" that says which file holds which tensor; '
            'fetch it again'
        )
    shards = sorted(set(shard_of.values()))
    tensors: dict[str, Tensor] = {}
    for shard in shards:
        tensors.update(read_tensor_file(index.parent / shard))
    return tensors


def _read_json(path: Path) -> dict:
    try:
        content = json.loads(path.read_text(encoding='utf-8-sig'))
    except ValueError as error:
        raise WeightsError(f'{path} is no valid JSON ({error})') from error
    if not isinstance(content, dict):
        raise WeightsError(f'{path} is no valid JSON object, it holds {content!r:.100}')
    return content


def _modern_vae_name(name: str) -> str:
    if '.attentions.' in name:
        for old, new in _OLD_VAE_NAMES.items():
            name = name.replace(old, new)
    return name


def _as_linear(name: str, tensor: Tensor) -> Tensor:
    """Turns the 1x1 convolutions of an old VAE's attention into linear layers."""
    if '.attentions.' in name and name.endswith('.weight') and tensor.ndim > 2:
        return tensor.flatten(1)
    return tensor
