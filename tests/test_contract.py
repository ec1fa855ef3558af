"""One contract over everything that DiffMM registers: its docstring's example works.

An example is what a newcomer copies. It is run as a doctest, with ``torch`` and
MMEngine's registries at hand, and the classes that it builds are looked at.
"""

from __future__ import annotations

import doctest
import inspect
import random
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any

import mmengine.registry
import numpy as np
import pytest
import torch
from mmengine.model import BaseTTAModel
from mmengine.registry import MODELS, Registry
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook

import diffmm  # noqa: F401  registers everything
from tests import tiny

REGISTRIES = {
    name: each
    for name, each in vars(mmengine.registry).items()
    if isinstance(each, Registry)
}
REGISTERED = [
    pytest.param(registry, member, id=name)
    for registry in REGISTRIES.values()
    # One that has an old name, too, is looked at once.
    for member, name in {m: n for n, m in sorted(registry.module_dict.items())}.items()
    if member.__module__.split('.')[0] == 'diffmm'
    # mmpretrain is optional here, too: what needs it may be an error.
    and not (name.startswith('TextCls') and find_spec('mmpretrain') is None)
]
MODULES = [
    each
    for each in REGISTERED
    if each.values[0] is MODELS and inspect.isclass(each.values[1])
]
# mmengine's models of test-time augmentation refuse a forward pass: they never train.
TRAINED = [each for each in MODULES if not issubclass(each.values[1], BaseTTAModel)]


@dataclass
class Run:
    """What a run of an example did.

    Attributes:
        failures: What doctest printed about lines that failed.
        names: Variables of the example.
        built: Instances of the class, in the order in which they were built.
        outputs: What the forward passes of these instances returned.
    """

    failures: str = ''
    names: dict[str, Any] = field(default_factory=dict)
    built: list[Any] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)


def run_example(member: Any, seed: int = 0) -> Run:
    """Runs the example of a registered class or function."""
    for set_seed in (random.seed, np.random.seed, torch.manual_seed):
        set_seed(seed)
    run = Run(names=dict(torch=torch, **REGISTRIES))
    printed: list[str] = []
    example = doctest.DocTestParser().get_doctest(
        inspect.getdoc(member) or '', run.names, member.__name__, None, None
    )
    # Doctest compares reprs; lines may be broken anywhere.
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    with pytest.MonkeyPatch.context() as patch, tiny.quiet():
        if inspect.isclass(member):
            _record_instances(member, patch, run)
        handle = register_module_forward_hook(
            lambda module, _, output: (
                run.outputs.append(output) if type(module) is member else None
            )
        )
        try:
            runner.run(example, out=printed.append, clear_globs=False)
        finally:
            handle.remove()
    run.failures = ''.join(printed)
    return run


def _record_instances(member: type, patch: pytest.MonkeyPatch, run: Run) -> None:
    initialize = member.__init__

    def record(self: Any, *args: Any, **kwargs: Any) -> None:
        initialize(self, *args, **kwargs)
        if type(self) is member:
            run.built.append(self)

    record.__signature__ = inspect.signature(initialize)
    patch.setattr(member, '__init__', record)


@cache
def first_run(member: Any) -> Run:
    """The run that several tests look at."""
    return run_example(member)


@pytest.mark.parametrize('registry, member', REGISTERED)
def test_the_example_of_the_docstring_runs(registry, member):
    doc = inspect.getdoc(member) or ''
    assert 'Example:\n' in doc and '>>> ' in doc, f'{member} shows no example'
    run = first_run(member)
    assert not run.failures, run.failures
    if inspect.isclass(member):
        assert run.built, f'the example of {member} does not build it'


@pytest.mark.parametrize('registry, member', MODULES)
def test_state_dict_round_trip_and_copies(registry, member):
    """Twice the example: other weights, the same names."""
    one = first_run(member).built[0]
    other = run_example(member, seed=1).built[0]
    state = one.state_dict()
    other.load_state_dict(state, strict=True)
    copy = deepcopy(one)
    for each in (other.state_dict(), copy.state_dict()):
        assert list(each) == list(state)
        assert all(torch.equal(each[name], value) for name, value in state.items())
    own = {id(each) for each in (*one.parameters(), *one.buffers())}
    assert not own & {id(each) for each in (*copy.parameters(), *copy.buffers())}


@pytest.mark.parametrize('registry, member', TRAINED)
def test_every_parameter_gets_a_gradient(registry, member):
    """Of those that train; distributed training stops at an unused one."""
    run = first_run(member)
    assert run.outputs, f'the example of {member} makes no forward pass'
    used = run.built[0]
    trained = {
        name: each for name, each in used.named_parameters() if each.requires_grad
    }
    tensors = [each for each in _tensors(run.outputs) if each.requires_grad]
    if trained:
        sum(each.float().square().sum() for each in tensors).backward()
    assert [name for name, each in trained.items() if each.grad is None] == []


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [tensor for each in value for tensor in _tensors(each)]
    return []


def test_there_is_something_to_check():
    assert len(REGISTERED) > 50
    assert all(issubclass(each.values[1], nn.Module) for each in MODULES)
