"""Modules of a host: building one, finding its class and the arguments of that."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from mmengine.registry import MODELS, DefaultScope
from torch import nn

# Batch norms that want a process group.
_SYNCHRONIZED = ('SyncBN', 'MMSyncBN', 'NaiveSyncBN')


def build(cfg: Mapping | Sequence[Mapping], scope: str) -> nn.Module:
    """Builds a module of a host, independent of the current default scope.

    Args:
        cfg: Its config, or a list of configs for modules that follow one another.
        scope: The host, for example ``'mmdet'``.

    Returns:
        The module.
    """
    with DefaultScope.overwrite_default_scope(scope):
        with MODELS.switch_scope_and_registry(scope) as registry:
            return registry.build(deepcopy(cfg))


def find_class(kind: Any, scope: str) -> type | None:
    """Finds the class that a config's ``type`` names.

    Args:
        kind: The name, or the class itself.
        scope: The host.

    Returns:
        The class, or None if no registry has that name.
    """
    if not isinstance(kind, str):
        return kind
    with DefaultScope.overwrite_default_scope(scope):
        with MODELS.switch_scope_and_registry(scope) as registry:
            return registry.get(kind)


def parameters_of(kind: type | None) -> dict[str, Any]:
    """Lists the constructor arguments of a class and of its bases.

    Heads hand most of their arguments on as ``**kwargs``. Only the constructors of all
    bases together say what a config may contain.

    Args:
        kind: The class; None has no arguments.

    Returns:
        Default values by name; ``inspect.Parameter.empty`` for required arguments.
    """
    found: dict[str, Any] = {}
    for base in inspect.getmro(kind) if inspect.isclass(kind) else ():
        if '__init__' in vars(base) and base is not object:
            for name, parameter in inspect.signature(base.__init__).parameters.items():
                found.setdefault(name, parameter.default)
    return found


def without_synchronized_norms(cfg: Any) -> Any:
    """Copies a config with plain batch norms in place of synchronized ones.

    mmcv's synchronized batch norm cannot even be built without a process group.

    Args:
        cfg: Any part of a config.

    Returns:
        The copy.
    """
    cfg = deepcopy(cfg)
    _replace_synchronized_norms(cfg)
    return cfg


def _replace_synchronized_norms(node: Any) -> None:
    if isinstance(node, dict) and node.get('type') in _SYNCHRONIZED:
        node['type'] = 'BN'
        node.pop('stats_mode', None)  # an argument of mmcv's
    children = node.values() if isinstance(node, dict) else node
    for child in children:
        if isinstance(child, (dict, list, tuple)):
            _replace_synchronized_norms(child)
