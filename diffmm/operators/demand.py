"""The refusal of models that need an operator which is neither compiled nor replaced.

A missing operator raises an error when it is called, which may be hours into a
training. What a layer will call stands in its code and its config, so a model is
refused while it is built.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_module_registration_hook
from torch.utils.hooks import RemovableHandle

from .extension import MissingOperatorError, explain_missing
from .status import operator_name


class OperatorDemand:
    """The functions of mmcv's extension that classes and functions call.

    Args:
        extension: The stand-in.
    """

    def __init__(self, extension: ModuleType) -> None:
        self.extension = extension
        self._found: dict[Any, frozenset[str]] = {}

    def missing(self, target: Any) -> frozenset[str]:
        """Looks up what is missing.

        Args:
            target: A class, with what it inherits, or a function.

        Returns:
            Names of the extension's functions that its code calls, itself or through
            mmcv.ops, and that nobody computes.
        """
        if target not in self._found:
            self._found[target] = frozenset()  # where calls go in a circle
            self._found[target] = frozenset(self._search(target))
        return self._found[target]

    def _search(self, target: Any) -> Iterator[str]:
        for function in _functions(target):
            for code in _codes(function.__code__):
                known = function.__globals__
                values = [known[name] for name in code.co_names if name in known]
                for value in values:
                    if value is self.extension:
                        yield from self.extension.missing_functions & {*code.co_names}
                    elif isinstance(value, ModuleType) and _is_of_mmcv(value.__name__):
                        members = [vars(value).get(name) for name in code.co_names]
                        yield from self._follow(members)
                yield from self._follow(values)

    def _follow(self, values: list[Any]) -> Iterator[str]:
        for value in values:
            # `roi_pool = RoIPoolFunction.apply` is a method of a class.
            value = getattr(value, '__self__', value)
            if isinstance(value, type | FunctionType) and _is_of_mmcv(value.__module__):
                yield from self.missing(value)


def refuse_missing_operators(extension: ModuleType, remedy: str) -> RemovableHandle:
    """Checks every layer as it becomes part of a model, from now on.

    The code of a layer's class and the entries ``type=...`` of the configs that it
    keeps (``test_cfg.nms.type``) name the operators. Building a layer that needs a
    missing one then raises :class:`MissingOperatorError`.

    Args:
        extension: The stand-in.
        remedy: The command that compiles the operators, for the error.

    Returns:
        What ends the checks.
    """
    demand = OperatorDemand(extension)

    def check(parent: nn.Module, name: str, layer: nn.Module | None) -> None:
        # A slice of a list of layers makes a new one, in the middle of a forward.
        if torch.compiler.is_compiling():
            return
        for module in (parent, layer):
            label = type(module).__name__
            missing = demand.missing(type(module))
            for kind in _named_operators(module):
                if not missing:
                    label = f"{type(module).__name__} with type='{kind.__name__}'"
                    missing = demand.missing(kind)
            if missing:
                # One is enough to know: all are compiled together.
                operator = min(map(operator_name, missing))
                raise MissingOperatorError(
                    explain_missing(f'{label} needs', operator, remedy)
                )
            if _takes_maxima(module):
                needs = f"{label} with pool_mode='max' needs"
                raise MissingOperatorError(
                    explain_missing(needs, 'roi_align of maxima', remedy)
                )

    return register_module_module_registration_hook(check)


def _is_of_mmcv(module: str) -> bool:
    return f'{module}.'.startswith('mmcv.ops.')


def _takes_maxima(layer: Any) -> bool:
    """Returns True for mmcv's RoIAlign of maxima; only averages are replaced."""
    of_mmcv = type(layer).__module__ == 'mmcv.ops.roi_align'
    return of_mmcv and getattr(layer, 'pool_mode', 'avg') == 'max'


def _named_operators(layer: Any) -> Iterator[Any]:
    """Yields what mmcv.ops has under the names in a layer's configs."""
    operators = importlib.import_module('mmcv.ops')
    for name, value in vars(layer).items() if layer is not None else ():
        if isinstance(value, dict) and not name.startswith('_'):
            for kind in _types(value):
                member = getattr(operators, kind, None)
                if isinstance(member, type | FunctionType):
                    yield member


def _types(config: Any) -> Iterator[str]:
    if isinstance(config, dict):
        if isinstance(config.get('type'), str):
            yield config['type']
        config = list(config.values())
    if isinstance(config, list | tuple):
        for each in config:
            yield from _types(each)


def _functions(target: Any) -> Iterator[FunctionType]:
    if not isinstance(target, type):
        values = [target]
    else:
        # What torch, mmengine and Python bring calls nothing of mmcv.
        foreign = ('torch', 'mmengine', 'builtins')
        owners = [
            c for c in target.__mro__ if c.__module__.split('.')[0] not in foreign
        ]
        values = [value for owner in owners for value in vars(owner).values()]
    for value in values:
        value = getattr(value, 'fget', None) or getattr(value, '__func__', value)
        while value is not None:
            if isinstance(value, FunctionType):
                yield value
            value = getattr(value, '__wrapped__', None)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
