"""The shipped configs by name, read once."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path

import yaml
from mmengine.config import Config
from mmengine.registry import init_default_scope

ROOT = Path(__file__).parents[2]
PATHS = {path.stem: path for path in sorted(ROOT.glob('configs/[!_]*/*.py'))}


def names(folder: str, *parts: str) -> list[str]:
    """Names of the configs in a folder that contain all parts."""
    return [
        name
        for name, path in PATHS.items()
        if path.parent.name == folder and all(part in name for part in parts)
    ]


def is_mini(name: str) -> bool:
    """Says whether a config belongs to the mini world."""
    return '_mini' in name or name.startswith('mini-')


def load(name: str) -> Config:
    """A copy of a config, in its default scope."""
    cfg = deepcopy(_read(name))
    init_default_scope(cfg.default_scope)
    return cfg


def plain(name: str) -> dict:
    """A config as plain dicts and lists, without the scopes of other packages."""
    return without_scopes(_read(name)._to_lazy_dict())


def without_scopes(value: object) -> object:
    """A config without the ``_scope_`` of a base that another package has."""
    if isinstance(value, dict):
        return {k: without_scopes(v) for k, v in value.items() if k != '_scope_'}
    if isinstance(value, (list, tuple)):
        return type(value)(without_scopes(entry) for entry in value)
    return value


@cache
def mini_siblings() -> dict[str, str]:
    """The mini sibling of every full-size config that a metafile gives one."""
    models = [
        model
        for path in sorted(ROOT.glob('configs/*/metafile.yml'))
        for model in yaml.safe_load(path.read_text())['Models']
    ]
    return {model['Name']: model['Mini'] for model in models if 'Mini' in model}


@cache
def _read(name: str) -> Config:
    return Config.fromfile(PATHS[name])
