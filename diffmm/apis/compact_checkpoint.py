"""Checkpoints without what public weights have already."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from diffmm.diffusion import WeightsError, load_architecture, open_prior

# Beginnings of the names of a prior's parts in a model.
Parts = Mapping[str, str]
# Parts of a perceptor.
PERCEPTOR_PARTS = {'vae.': 'vae', 'prompt.text_encoder.model.': 'text_encoder'}
_ROWS, _NUMBERS = '@rows', '@numbers'
# A table is stored by rows if less than this share of them changed.
_FEW = 0.5


def write_compact(
    state: Mapping[str, Tensor],
    path: str | Path,
    base: str,
    arch: str,
    parts: Parts = PERCEPTOR_PARTS,
) -> int:
    """Writes what a training changed, in half precision.

    What equals the base weights is left out. Of a table that a training changed in a
    few rows, such as a text encoder's of tokens, these rows are written.

    Args:
        state: A model's whole state dict.
        path: The ``.safetensors`` file.
        base: The weights that the training started from, as for `open_prior`.
        arch: Their architecture.
        parts: Beginnings of names, and the parts of ``base`` that they stand for.

    Returns:
        Size of the file in bytes.

    Raises:
        ValueError: The base has nothing that the model has.
    """
    shared = _read_base(base, arch, parts)
    shared = {name: shared[name] for name in shared if name in state}
    same = [
        name
        for name, value in shared.items()
        # A frozen part in half precision has rounded them.
        if torch.equal(state[name], value.to(state[name].dtype))
    ]
    if not same:
        raise ValueError(f'{base} has no tensor of this model: name what it began with')
    stored, used = {}, set(same)
    for name, value in state.items():
        if name in same:
            continue
        before = shared.get(name)
        if before is not None and value.ndim == 2:
            rows = (value.float() != before).any(dim=1).nonzero()[:, 0]
            if len(rows) < _FEW * len(value):
                stored[name + _NUMBERS] = rows.int()
                stored[name + _ROWS] = value[rows].half()
                used.add(name)
                continue
        floating = value.is_floating_point()
        stored[name] = (value.half() if floating else value).contiguous()
    metadata = dict(
        base=base,
        arch=arch,
        parts=json.dumps(dict(parts)),
        same=json.dumps(sorted(used)),
        base_sha256=_hash(shared, used),
    )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f'.{path.name}.incomplete')
    save_file(stored, temporary, metadata)
    temporary.rename(path)
    return path.stat().st_size


def read_compact(path: str | Path) -> dict[str, Tensor]:
    """Reads such a checkpoint, and the base weights that belong to it.

    Args:
        path: The file.

    Returns:
        The model's whole state dict, in single precision.

    Raises:
        WeightsError: The file is damaged or no such checkpoint, or the base weights are
            missing, or others than those that it was written with.
    """
    try:
        with safe_open(path, framework='pt') as file:
            metadata = file.metadata() or {}
            stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise WeightsError(f'{path} cannot be read ({error})') from error
    if 'base_sha256' not in metadata:
        raise WeightsError(
            f'{path} is no compact checkpoint: it does not say what it began with'
        )
    used = set(json.loads(metadata['same']))
    base = _read_base(metadata['base'], metadata['arch'], json.loads(metadata['parts']))
    if not used <= base.keys() or _hash(base, used) != metadata['base_sha256']:
        raise WeightsError(
            f'{path} belongs to weights {metadata["base"]!r} that differ from those '
            'that have this name here'
        )
    state = {name: base[name] for name in used}
    for name, value in stored.items():
        if name.endswith(_NUMBERS):
            table = name.removesuffix(_NUMBERS)
            state[table][value.long()] = stored[table + _ROWS].float()
        elif not name.endswith(_ROWS):
            state[name] = value.float() if value.is_floating_point() else value
    return state


def _read_base(base: str, arch: str, parts: Parts) -> dict[str, Tensor]:
    source, architecture = open_prior(base), load_architecture(arch)
    return {
        beginning + name: value.float()
        for beginning, part in parts.items()
        for name, value in source.state_dict(part, architecture).items()
    }


def _hash(tensors: Mapping[str, Tensor], names: set[str]) -> str:
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(name.encode())
        digest.update(tensors[name].contiguous().numpy().tobytes())
    return digest.hexdigest()
