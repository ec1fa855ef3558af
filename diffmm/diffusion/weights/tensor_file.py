"""Reading a file of tensors without running what it may contain."""

from __future__ import annotations

import pickle
import struct
import zipfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from .weights_error import WeightsError

_SUFFIXES = ('.safetensors', '.ckpt', '.pth', '.pt', '.bin')
_LIGHTNING_CALLBACK = 'pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint'
# Foreign bytes that happen to be pickle instructions can break the reader anywhere.
_DAMAGES = (
    SafetensorError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)


class _InertCallback:
    """Stands for a class that Stable Diffusion's own .ckpt files use as a key."""


def read_tensor_file(path: str | Path) -> dict[str, Tensor]:
    """Reads a flat mapping of names to tensors, memory-mapped where possible.

    Args:
        path: A ``.safetensors`` file, or a pickle (``.ckpt``, ``.pth``, ``.pt``,
            ``.bin``), which is read with ``weights_only=True``. A ``state_dict``
            wrapper is taken off.

    Returns:
        The tensors by name.

    Raises:
        WeightsError: If the file is missing, empty, truncated, of an unknown kind,
            holds no tensors, or is a pickle that asks to run code.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError(f'weights file {path} does not exist')
    if path.suffix not in _SUFFIXES:
        raise WeightsError(
            f'weights file {path} ends in {path.suffix!r}; readable are {_SUFFIXES}'
        )
    if path.stat().st_size == 0:
        raise WeightsError(f'weights file {path} is empty (0 bytes); fetch it again')
    content = _read(path)
    if isinstance(content, dict):
        content = content.get('state_dict', content)
    tensors = _named_tensors(content)
    if not tensors:
        raise WeightsError(f'weights file {path} holds no named tensors')
    return tensors


def read_tensor(path: str | Path) -> Tensor:
    """Reads a file that holds one tensor, such as VPD's ``class_embeddings.pth``.

    Args:
        path: A pickle with a bare tensor, or any file of ``read_tensor_file`` that
            holds exactly one.

    Returns:
        The tensor.

    Raises:
        WeightsError: As ``read_tensor_file``, or if there are several tensors.
    """
    path = Path(path)
    if path.is_file() and path.suffix in _SUFFIXES[1:] and path.stat().st_size:
        content = _read(path)
        if isinstance(content, Tensor):
            return content.detach()
    tensors = read_tensor_file(path)
    if len(tensors) != 1:
        raise WeightsError(
            f'{path} holds {len(tensors)} tensors, expected one; it has '
            f'{sorted(tensors)[:5]}'
        )
    return next(iter(tensors.values()))


def _named_tensors(content: object) -> dict[str, Tensor]:
    items = content.items() if isinstance(content, dict) else ()
    return {
        name: tensor.detach()
        for name, tensor in items
        if isinstance(name, str) and isinstance(tensor, Tensor)
    }


def _read(path: Path) -> object:
    try:
        if path.suffix == '.safetensors':
            return load_file(path)
        # Only the zip format of torch >= 1.6 can be memory-mapped.
        mmap = zipfile.is_zipfile(path)
        with torch.serialization.safe_globals([(_InertCallback, _LIGHTNING_CALLBACK)]):
            return torch.load(path, map_location='cpu', weights_only=True, mmap=mmap)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f'{path} was refused and nothing in it was run: it is no plain file of '
            f'tensors ({_first_line(error)}). Use the .safetensors version of these '
            'weights, or convert the file where you trust it'
        ) from error
    except _DAMAGES as error:
        raise WeightsError(
            f'{path} ({path.stat().st_size:,} bytes) cannot be read; it is truncated '
            f'or damaged, fetch it again ({_first_line(error)})'
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().split('\n')[0][:200]
