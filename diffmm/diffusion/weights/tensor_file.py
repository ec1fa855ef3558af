"""Files of tensors, read without running what they may contain."""

from __future__ import annotations

import pickle
import re
import struct
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

_SUFFIXES = ('.safetensors', '.ckpt', '.pth', '.pt', '.bin')
_LIGHTNING_CALLBACK = 'pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint'
_BLOCK = 1 << 22
# What a clone without Git LFS has in place of a large file.
_POINTER = b'version https://git-lfs'
_UNPICKLER = re.compile(r'WeightsUnpickler error:\s*(\S.*)')
_GLOBAL = re.compile(r'\bGLOBAL ([\w.]+)')
# Bytes that are no pickle can still look like one and make the reader fail anywhere.
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
    zipfile.BadZipFile,
    zlib.error,
)


class WeightsError(ValueError):
    """Weights that are missing, damaged, refused, or of another architecture."""


class _InertCallback:
    """Stands for a class that Stable Diffusion's own .ckpt files use as a key."""


def read_safely(path: str | Path) -> Any:
    """Reads what a file holds, and runs nothing in it.

    Args:
        path: A ``.safetensors`` file, or a pickle that torch wrote, which is read with
            ``weights_only=True`` and memory-mapped where its format allows it. The
            checksums of its records are compared, so a flipped bit is found.

    Returns:
        Tensors on the CPU, and containers and plain values of them.

    Raises:
        WeightsError: If the file is missing, empty, truncated or damaged, or is a
            pickle that asks to run code.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError(f'weights file {path} does not exist')
    if path.stat().st_size == 0:
        raise WeightsError(
            f'weights file {path} cannot be read: it is empty (0 bytes); fetch it again'
        )
    with path.open('rb') as file:
        if file.read(len(_POINTER)) == _POINTER:
            raise WeightsError(
                f'weights file {path} cannot be read: it is a pointer of Git LFS; '
                'fetch what it stands for with `git lfs pull` in its repository'
            )
    try:
        if path.suffix == '.safetensors':
            return load_file(path)
        # Only the zip format of torch >= 1.6 can be memory-mapped.
        mmap = zipfile.is_zipfile(path)
        if mmap:
            _check_records(path)
        allowed = torch.serialization.safe_globals(
            [(_InertCallback, _LIGHTNING_CALLBACK)]
        )
        with allowed, warnings.catch_warnings():
            # The error below says what there is to say.
            warnings.filterwarnings('ignore', 'Detected pickle protocol')
            return torch.load(path, map_location='cpu', weights_only=True, mmap=mmap)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f'{path} cannot be read: it was refused and nothing in it was run, since '
            f'it is no plain file of tensors ({_refusal(error)}). Use the '
            '.safetensors version of these weights, or convert the file where you '
            'trust it'
        ) from error
    except _DAMAGES as error:
        raise WeightsError(
            f'{path} cannot be read: its {path.stat().st_size:,} bytes are truncated '
            f'or damaged, fetch it again ({_first_line(error)})'
        ) from error


def read_tensor_file(path: str | Path) -> dict[str, Tensor]:
    """Reads a flat mapping of names to tensors.

    Args:
        path: A ``.safetensors`` file, or a pickle (``.ckpt``, ``.pth``, ``.pt``,
            ``.bin``). A ``state_dict`` wrapper is taken off.

    Returns:
        The tensors by name.

    Raises:
        WeightsError: As ``read_safely``, and if the file is of an unknown kind or
            holds no tensors.
    """
    path = Path(path)
    return _named_tensors(_read(path), path)


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
    content = _read(path)
    if isinstance(content, Tensor):
        return content.detach()
    tensors = _named_tensors(content, path)
    if len(tensors) != 1:
        raise WeightsError(
            f'{path} holds {len(tensors)} tensors, expected one; it has '
            f'{sorted(tensors)[:5]}'
        )
    return next(iter(tensors.values()))


def _read(path: Path) -> Any:
    if path.is_file() and path.suffix not in _SUFFIXES:
        raise WeightsError(
            f'weights file {path} ends in {path.suffix!r}; readable are {_SUFFIXES}'
        )
    return read_safely(path)


def _named_tensors(content: Any, path: Path) -> dict[str, Tensor]:
    if isinstance(content, dict):
        content = content.get('state_dict', content)
    items = content.items() if isinstance(content, dict) else ()
    tensors = {
        name: tensor.detach()
        for name, tensor in items
        if isinstance(name, str) and isinstance(tensor, Tensor)
    }
    if not tensors:
        raise WeightsError(f'weights file {path} holds no named tensors')
    return tensors


def _check_records(path: Path) -> None:
    """Compares the records of a zip file with their checksums; PyTorch does not.

    Raises:
        zipfile.BadZipFile: A record was changed.
    """
    with zipfile.ZipFile(path) as archive:
        for record in archive.infolist():
            # torch writes none where it was told so.
            if not record.CRC:
                continue
            with archive.open(record) as file:
                while file.read(_BLOCK):
                    pass


def _refusal(error: pickle.UnpicklingError) -> str:
    """The reason of the refusal, without PyTorch's advice on how to run it anyway."""
    asked = _GLOBAL.search(str(error))
    if asked:
        name = asked[1] if '.' in asked[1] else f'builtins.{asked[1]}'
        return f'it asks for {name}'
    met = _UNPICKLER.search(str(error))
    return met[1].strip() if met else _first_line(error)


def _first_line(error: Exception) -> str:
    return str(error).strip().split('\n')[0][:200]
