"""Channels and strides of what backbones and necks give, by building them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import torch
from mmengine.registry import MODELS, DefaultScope
from torch import Tensor, nn

from .feature_map import FeatureMap
from .swap_error import SwapError

# A multiple of every stride up to 128 (a detector's coarsest level).
SIDE = 256
# What a module raises that gets other maps than it was built for.
FORWARD_ERRORS = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    RuntimeError,
    TypeError,
    ValueError,
)


def build(cfg: Mapping | Sequence[Mapping], scope: str) -> nn.Module:
    """Builds a module of a host, whatever the default scope is.

    Args:
        cfg: Its config, or a list of configs for modules that follow one another.
        scope: The host, for example ``'mmdet'``.

    Returns:
        The module.
    """
    with DefaultScope.overwrite_default_scope(scope):
        with MODELS.switch_scope_and_registry(scope) as registry:
            return registry.build(deepcopy(cfg))


def _build_for_inference(cfg: Mapping, scope: str) -> nn.Module:
    module = build(cfg, scope)
    module.eval()  # apart: train() of the hosts' ResNet returns nothing
    for layer in module.modules():
        if getattr(layer, 'eps', None) == 0:  # NAS-FCOS; PyTorch refuses it by now
            layer.eps = 1e-5
    return module


def find_class(kind: Any, scope: str) -> type | None:
    """Finds what a config's ``type`` names, or None if no registry knows it."""
    if not isinstance(kind, str):
        return kind
    with DefaultScope.overwrite_default_scope(scope):
        with MODELS.switch_scope_and_registry(scope) as registry:
            return registry.get(kind)


def promised_maps(backbone: Mapping, scope: str) -> tuple[FeatureMap, ...]:
    """Reads ``feature_info`` of a backbone without making its weights.

    The backbone is built on PyTorch's meta device: a Stable Diffusion of 900 million
    parameters takes no memory and a tenth of a second, and the numbers cannot differ
    from those of the real one.

    Args:
        backbone: Config of one of DiffMM's backbones.
        scope: Scope to build in.

    Returns:
        Its maps, fine to coarse.

    Raises:
        SwapError: If the backbone has no ``feature_info``.
    """
    with torch.device('meta'):
        module = build(backbone, scope)
    info = getattr(module, 'feature_info', None)
    if info is None:
        raise SwapError(
            'model.backbone.type',
            repr(backbone.get('type')),
            'a backbone with feature_info, such as StableDiffusionBackbone',
        )
    return tuple(FeatureMap(each.channels, each.stride) for each in info)


def measured_maps(backbone: Mapping, scope: str) -> tuple[FeatureMap, ...]:
    """Measures the maps of a host's backbone on an image of 256x256.

    Args:
        backbone: The host's config. Its weights stay random.
        scope: The host.

    Returns:
        Its maps, as it returns them.

    Raises:
        SwapError: If the backbone cannot be built, or gives anything else than maps
            (hourglasses give one list per stack, two-branch networks pairs).
    """
    key, kind = 'model.backbone.type', repr(backbone.get('type'))
    plain = {
        name: value
        for name, value in backbone.items()
        if name not in ('init_cfg', 'pretrained')
    }
    advice = 'a backbone that runs on a 256x256 image; else pass host_maps'
    try:
        module = _build_for_inference(plain, scope)
    except (KeyError, ImportError) as error:
        raise SwapError(key, f'{kind}, which is not installed', advice) from error
    try:
        with torch.no_grad():
            maps = module(torch.zeros(1, 3, SIDE, SIDE))
    except FORWARD_ERRORS as error:
        raise SwapError(key, f'{kind}, which fails ({error})', advice) from error
    return tuple(_describe(each) for each in _as_maps(maps, key, kind))


def run_neck(
    neck: Mapping, maps: Sequence[FeatureMap], scope: str, key: str
) -> tuple[tuple[FeatureMap, ...], tuple[bool, ...]]:
    """Runs a neck on maps of the given channels and strides.

    Args:
        neck: Its config.
        maps: What reaches it.
        scope: The host.
        key: Dotted key of the neck, for messages.

    Returns:
        What it gives, and for every incoming map whether anything depends on it.

    Raises:
        SwapError: If the neck cannot be built or run with them.
    """
    numbers = [each.channels for each in maps]
    try:
        module = _build_for_inference(neck, scope)
        tensors = [
            torch.zeros(
                1, each.channels, *[-(-SIDE // each.stride)] * 2, requires_grad=True
            )
            for each in maps
        ]
        # Times one: a neck may work in place, which a leaf does not allow.
        outputs = _as_maps(
            module(tuple(each * 1.0 for each in tensors)), key, neck.get('type')
        )
    except FORWARD_ERRORS as error:
        if isinstance(error, SwapError):
            raise
        raise SwapError(
            key,
            f'{neck.get("type")} with in_channels {neck.get("in_channels")}, which '
            f'fails ({type(error).__name__}: {error})',
            f"one for {len(numbers)} maps of {numbers} channels (or strides='pyramid')",
        ) from error
    total = sum(each.sum() for each in outputs)
    grads = torch.autograd.grad(total, tensors, allow_unused=True)
    return (
        tuple(_describe(each) for each in outputs),
        tuple(grad is not None for grad in grads),
    )


def _as_maps(outputs: Any, key: str, kind: Any) -> tuple[Tensor, ...]:
    if isinstance(outputs, Tensor):
        outputs = (outputs,)
    if not isinstance(outputs, (tuple, list)) or not all(
        isinstance(each, Tensor) and each.dim() in (2, 4) for each in outputs
    ):
        raise SwapError(
            key, f'{kind}, which gives no plain list of maps', 'one that does'
        )
    return tuple(outputs)


def _describe(tensor: Tensor) -> FeatureMap:
    # A globally pooled map has one value for the whole image.
    width = tensor.shape[-1] if tensor.dim() == 4 else 1
    return FeatureMap(tensor.shape[1], int(2 ** round(math.log2(SIDE / width))))
