"""Settings of a run: a resolved config, its text and its hash."""

from __future__ import annotations

import copy
import hashlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from pprint import pformat
from typing import Any

from mmengine.config import Config
from mmengine.runner import FlexibleRunner, Runner

from .table import StudyError

# Stands for the folder of the data sets in configs.
DATA = 'data'
# What the tools read beside the arguments of a runner.
_OF_THE_TOOLS = {'runner_type', 'tta_model', 'tta_pipeline'}
# Where and how a run is started does not change what it computes.
_NOT_HASHED = {'self', 'work_dir', 'cfg', 'resume', 'launcher', 'experiment_name'}
_USED = (
    {
        name
        for runner in (Runner, FlexibleRunner)
        for name in inspect.signature(runner.__init__).parameters
    }
    | _OF_THE_TOOLS
) - _NOT_HASHED


def resolve(config: Path, *overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Reads a config with its bases and merges overrides into it.

    Args:
        config: The file.
        *overrides: Nested dicts, merged in this order as a child config would be
            (``_delete_=True`` replaces a dict).

    Returns:
        The settings, all bases resolved.

    Raises:
        StudyError: There is no such config, or an override does not fit it.
    """
    if not config.is_file():
        raise StudyError(f'{config} does not exist')
    cfg = copy.deepcopy(_read(config))
    for override in overrides:
        try:
            # A merge takes `_delete_` out of what it is given.
            cfg.merge_from_dict(copy.deepcopy(dict(override)))
        except (KeyError, TypeError) as error:
            raise StudyError(
                f'{dict(override)} does not fit {config}: {error}'
            ) from error
    return cfg.to_dict()


@cache
def _read(config: Path) -> Config:
    """A study has many runs of few configs, and reading one takes its time."""
    return Config.fromfile(config)


def used_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that a runner uses, as JSON has them (tuples become lists).

    Variables that a config only composes others with are left out, so that configs
    that are written differently and mean the same are the same.
    """
    used = {key: value for key, value in settings.items() if key in _USED}
    return json.loads(json.dumps(used, sort_keys=True, default=str))


def hash_settings(settings: Mapping[str, Any]) -> str:
    """Hash of what a runner uses: 12 hexadecimal digits."""
    text = json.dumps(used_settings(settings), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def write_settings(settings: Mapping[str, Any]) -> str:
    """Text of a config that needs no other file."""
    lines = (f'{key} = {pformat(value)}' for key, value in settings.items())
    return '\n'.join(lines) + '\n'


def map_strings(value: Any, function: Callable[[str], str]) -> Any:
    """Applies a function to all strings in nested dicts, lists and tuples."""
    if isinstance(value, str):
        return function(value)
    if isinstance(value, Mapping):
        return {key: map_strings(item, function) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map_strings(item, function) for item in value)
    return value


def place(text: str, paths: Mapping[str, str]) -> str:
    """Puts a folder of this machine in the place of its stand-in.

    Args:
        text: A string of a config, such as ``'data/mini_nyu'``.
        paths: Folders by their stand-ins, such as ``'data'``.
    """
    for start, folder in paths.items():
        if text == start or text.startswith(f'{start}/'):
            return folder + text[len(start) :]
    return text


def differences(ours: Any, theirs: Any, key: str = '') -> Iterator[str]:
    """Names the settings that differ, as ``train_cfg.max_iters: 400, there 200``."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted({*ours, *theirs}):
            values = (part.get(name, 'nothing') for part in (ours, theirs))
            yield from differences(*values, f'{key}.{name}' if key else name)
    elif (
        isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs)
    ):
        for index, values in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(*values, f'{key}.{index}')
    elif ours != theirs:
        yield f'{key}: {_short(ours)}, there {_short(theirs)}'


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f'{text[:57]}...'
