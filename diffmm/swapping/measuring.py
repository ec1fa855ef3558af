"""Channels and strides of the maps that backbones and necks give."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from diffmm.models.backbones import FeatureInfo

from .config_keys import SwapError
from .host_modules import build, without_synchronized_norms

# The image size of every measurement and check: all shipped heads were written for it.
# Some need it: LRASPP pools 49x49 pixels of stride 8.
SIDE = 512
# Errors of a module that gets other maps than it was built for.
FORWARD_ERRORS = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    RuntimeError,
    TypeError,
    ValueError,
)
_EXAMPLE = (
    'pass the channels and the stride of each of its maps instead, for example '
    'host_maps=[(320, 8), (640, 16), (1280, 32), (1280, 64)]'
)


class HostFeatures(NamedTuple):
    """The output of a host's backbone.

    Attributes:
        maps: Its maps, in its order.
        with_token: True if a class token comes with every map, as for DPT's head.
    """

    maps: tuple[FeatureInfo, ...]
    with_token: bool = False


def promised_maps(backbone: Mapping, scope: str) -> tuple[FeatureInfo, ...]:
    """Reads ``feature_info`` of a backbone without allocating its weights.

    The backbone is built on PyTorch's meta device. A Stable Diffusion of 900 million
    parameters then takes no memory and a tenth of a second, and the numbers are those
    of the real one.

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
    return tuple(info)


def measured_maps(
    backbone: Mapping, scope: str, own_sizes: Sequence[tuple[int, int]] = ()
) -> HostFeatures:
    """Measures the maps of a host's backbone on an image of 512x512 pixels.

    A backbone that fails on it, as BEiT does, is measured on images of ``own_sizes``.
    Only shapes are computed, on PyTorch's meta device, unless an operator needs values.

    Args:
        backbone: The host's config. Its weights stay random.
        scope: The host.
        own_sizes: Heights and widths that the config names.

    Returns:
        Its features.

    Raises:
        SwapError: If the backbone cannot be built, or does not give a plain list of
            maps: MSPN gives one pyramid per stage, PIDNet other maps in training.
    """
    key, kind = 'model.backbone.type', repr(backbone.get('type'))
    plain = {
        name: value
        for name, value in backbone.items()
        if name not in ('init_cfg', 'pretrained')
    }
    try:
        _build_for_inference(plain, scope)
    except (ImportError, *FORWARD_ERRORS) as error:
        reason = f'{kind}, which cannot be built here ({_one_line(error)})'
        raise SwapError(key, reason, f'a backbone that can; else {_EXAMPLE}') from error
    failures = []
    for height, width in ((SIDE, SIDE), *own_sizes):

        def run(module: nn.Module, device: str, size=(height, width)) -> Any:
            with torch.no_grad():
                outputs = module(torch.zeros(1, 3, *size, device=device))
                if isinstance(outputs, Tensor):
                    _refuse_other_training(module, size, device, key, kind)
            return outputs

        try:
            outputs = _run_shapes(plain, scope, run)
        except SwapError:
            raise
        except FORWARD_ERRORS as error:
            failures.append(f'on {height}x{width} pixels: {_one_line(error)}')
            continue
        outputs, with_token = _without_tokens(outputs)
        maps = [_describe(each, width) for each in _as_maps(outputs, key, kind)]
        if maps[0] == FeatureInfo(3, 1):  # DetectoRS, for its neck RFP
            raise SwapError(
                key,
                f'{kind}, which passes the image on, so that its neck can run another '
                'copy of it',
                'a backbone that only gives maps: choose a config with FPN',
            )
        return HostFeatures(tuple(maps), with_token)
    reason = f'{kind}, which fails {"; ".join(failures)}'
    raise SwapError(key, reason, f'one that runs; else {_EXAMPLE}')


def run_neck(
    neck: Mapping, maps: Sequence[FeatureInfo], scope: str, key: str
) -> tuple[tuple[FeatureInfo, ...], tuple[bool, ...]]:
    """Runs a neck on maps of the given channels and strides.

    Args:
        neck: Its config.
        maps: The maps that reach it.
        scope: The host.
        key: Dotted key of the neck, for messages.

    Returns:
        The maps it gives, and for every incoming map whether it is used.

    Raises:
        SwapError: If the neck cannot be built or run with these maps.
    """
    channels = [each.channels for each in maps]

    def run(module: nn.Module, device: str) -> tuple[tuple[Tensor, ...], list[Tensor]]:
        tensors = [
            torch.zeros(
                1,
                each.channels,
                *[-(-SIDE // each.stride)] * 2,
                device=device,
                requires_grad=True,
            )
            for each in maps
        ]
        # The product is no leaf, so the neck may work in place.
        outputs = module(tuple(each * 1.0 for each in tensors))
        return _as_maps(outputs, key, neck.get('type')), tensors

    try:
        outputs, tensors = _run_shapes(neck, scope, run)
    except SwapError:
        raise
    except FORWARD_ERRORS as error:
        raise SwapError(
            key,
            f'{neck.get("type")} with in_channels {neck.get("in_channels")}, which '
            f'fails ({type(error).__name__}: {error})',
            f'one for {len(maps)} maps of {channels} channels '
            "(strides='pyramid' keeps the number of maps)",
        ) from error
    total = sum(each.sum() for each in outputs)
    grads = torch.autograd.grad(total, tensors, allow_unused=True)
    return (
        tuple(_describe(each, SIDE) for each in outputs),
        tuple(grad is not None for grad in grads),
    )


def _run_shapes(cfg: Mapping, scope: str, run: Callable[[nn.Module, str], Any]) -> Any:
    """Runs a module on the meta device; on the CPU if an operator needs values."""
    try:
        return run(_build_for_inference(cfg, scope).to('meta'), 'meta')
    except SwapError:
        raise
    except FORWARD_ERRORS:
        return run(_build_for_inference(cfg, scope), 'cpu')


def _build_for_inference(cfg: Mapping, scope: str) -> nn.Module:
    module = build(without_synchronized_norms(cfg), scope)
    module.eval()  # on its own line: train() of the hosts' ResNet returns None
    for layer in module.modules():
        if getattr(layer, 'eps', None) == 0:  # NAS-FCOS; current PyTorch refuses it
            layer.eps = 1e-5
    return module


def _refuse_other_training(
    module: nn.Module, size: tuple[int, int], device: str, key: str, kind: str
) -> None:
    """Refuses two-branch networks, which give one map now and several in training."""
    module.train()
    outputs = module(torch.zeros(2, 3, *size, device=device))
    if not isinstance(outputs, Tensor):
        raise SwapError(
            key,
            f'{kind}, which gives {len(outputs)} maps in training and 1 afterwards, '
            'for a head of its own',
            'a backbone that gives the same maps in both',
        )


def _without_tokens(outputs: Any) -> tuple[Any, bool]:
    """Splits pairs of a map and a class token."""
    paired = isinstance(outputs, (tuple, list)) and all(
        isinstance(each, (tuple, list))
        and len(each) == 2
        and all(isinstance(part, Tensor) for part in each)
        and (each[0].dim(), each[1].dim()) == (4, 2)
        for each in outputs
    )
    return ([each[0] for each in outputs] if paired else outputs), paired


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


def _describe(tensor: Tensor, image_width: int) -> FeatureInfo:
    # A globally pooled map has one value for the whole image.
    width = tensor.shape[-1] if tensor.dim() == 4 else 1
    stride = int(2 ** round(math.log2(image_width / width)))
    return FeatureInfo(tensor.shape[1], stride)


def _one_line(error: Exception) -> str:
    return f'{type(error).__name__}: {" ".join(str(error).split())}'
