"""Files of words that textual inversion learned."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from .tensor_file import WeightsError, read_safely

_STEM = 'learned_embeds'
_SUFFIXES = ('.safetensors', '.bin', '.pt')
# Of an embedding for Stable Diffusion XL, which has two text encoders.
_XL_KEYS = {'clip_g', 'clip_l'}


def read_words(path: str | Path) -> dict[str, Tensor]:
    """Reads the words of a file or folder.

    Args:
        path: ``learned_embeds.safetensors`` or ``.bin`` as diffusers' script and DiffMM
            write it, one with several words, an embedding of the web UI (``.pt``), or a
            folder with such a file.

    Returns:
        Vectors (D,), by the word. The further vectors of a word that has K of them are
        named ``<night>_1``, ``<night>_2``, as in diffusers.

    Raises:
        WeightsError: There is no such file, it is damaged, holds no words, or belongs
            to a model with other text encoders.
    """
    path = _find(Path(path).expanduser())
    words: dict[str, Tensor] = {}
    for word, vectors in _named_vectors(read_safely(path), path).items():
        rows = vectors.detach().float()
        if rows.ndim == 1:
            rows = rows[None]
        if rows.ndim != 2 or not len(rows):
            raise WeightsError(
                f'{path}: the word {word!r} must be one vector or several, shape (D,) '
                f'or (K, D), got {tuple(vectors.shape)}'
            )
        if not rows.isfinite().all():
            raise WeightsError(
                f'{path}: the word {word!r} holds numbers that are not finite; the '
                'training that wrote it has diverged'
            )
        for index, row in enumerate(rows):
            words[f'{word}_{index}' if index else word] = row
    return words


def write_word(word: str, vectors: Tensor, path: str | Path) -> None:
    """Writes one word as diffusers' script does; its pipelines load it.

    Args:
        word: The word.
        vectors: Its vectors, shape (K, D).
        path: The ``.safetensors`` file.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f'.{path.name}.incomplete')
    content = {word: vectors.detach().float().cpu().contiguous()}
    save_file(content, temporary, metadata={'format': 'pt'})
    temporary.replace(path)


def _find(path: Path) -> Path:
    if not path.is_dir():
        return path
    for suffix in _SUFFIXES:
        if (path / f'{_STEM}{suffix}').is_file():
            return path / f'{_STEM}{suffix}'
    raise WeightsError(
        f'the folder {path} has no {_STEM} with one of {_SUFFIXES}; name the file'
    )


def _named_vectors(content: object, path: Path) -> Mapping[str, Tensor]:
    if isinstance(content, dict):
        if _XL_KEYS & content.keys():
            raise WeightsError(
                f'{path} holds {sorted(content)}: it was learned for Stable Diffusion '
                'XL, which has other text encoders'
            )
        # The web UI's form.
        if isinstance(content.get('string_to_param'), dict):
            name = content.get('name') or path.stem
            content = {name: content['string_to_param'].get('*')}
        if set(content) == {'emb_params'}:
            content = {path.stem: content['emb_params']}
        if content and all(isinstance(value, Tensor) for value in content.values()):
            return content
    raise WeightsError(
        f'{path} holds no learned words; such a file maps words to their vectors, as '
        "{'<night>': tensor}, got " + _describe(content)
    )


def _describe(content: object) -> str:
    if isinstance(content, dict):
        return f'a mapping with the keys {list(content)[:3]}'
    if isinstance(content, torch.Tensor):
        return f'a tensor of shape {tuple(content.shape)} without a word'
    return f'a {type(content).__name__}'
