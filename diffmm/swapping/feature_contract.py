"""The check that a built model fits the maps that its backbone promises."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from mmengine.structures import BaseDataElement
from torch import Tensor, nn

from diffmm.models.backbones import promise_features

from .config_keys import SwapError
from .measuring import FORWARD_ERRORS, SIDE


def check_feature_contract(model: nn.Module) -> None:
    """Runs the neck and the heads of a model on maps that its backbone promises.

    The modules themselves are run, since configs alone do not say enough: code decides
    which level a head selects and what a neck adds. The backbone is not run. That would
    need its weights, cost a pass of Stable Diffusion, and leave out auxiliary heads.
    Zeros with the channels and strides of ``feature_info`` take its place. The check
    takes a second on a CPU and leaves the model as it was. The zeros come with what
    real features carry, so necks that refine or read the prompts are checked, too.

    Checked are ``neck``, every head whose ``forward`` takes maps (a cascade's heads get
    the output before them), RoI extractors, and the strides of prior generators and RoI
    extractors. DETR-style heads are skipped: none of their settings depends on the
    backbone.

    Args:
        model: A segmentor, detector or pose estimator on a backbone with
            ``feature_info``.

    Raises:
        SwapError: A neck or head does not fit. The message names the key, its value
            and what it should be.
        ValueError: The model has no backbone with ``feature_info``.
    """
    backbone = getattr(model, 'backbone', None)
    info = getattr(backbone, 'feature_info', None)
    if info is None:
        raise ValueError(
            f'{type(model).__name__} has no backbone with feature_info, but '
            f'{type(backbone).__name__}, which does not say what maps it gives; use '
            'StableDiffusionBackbone'
        )
    height, width = _image_size(model)
    with torch.no_grad():
        maps = promise_features(backbone, height, width)
        neck = getattr(model, 'neck', None)
        if neck is not None:
            maps = _run(neck, 'model.neck', maps)
            maps = tuple(maps) if isinstance(maps, (tuple, list)) else (maps,)
        output = None
        for key, head in _heads(model):
            _check_strides(head, key, maps, width)
            output = _run_head(head, key, maps, output)
            _check_heatmaps(head, key, output)


def _image_size(model: nn.Module) -> tuple[int, int]:
    """Returns height and width of the image; only pose heads need a certain one."""
    codec = getattr(getattr(model, 'head', None), 'decoder', None)
    # A codec of two parts has the size in the first one.
    for each in (codec, getattr(codec, 'keypoint_codec', None)):
        size = getattr(each, 'input_size', None)
        if size is not None:
            width, height = size
            return height, width
    return SIDE, SIDE


def _heads(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yields the heads with their keys, in the order of the model."""
    for name, child in model.named_children():
        if name == 'roi_head':
            for part in ('bbox_roi_extractor', 'mask_roi_extractor'):
                for index, module in enumerate(_listed(getattr(child, part, None))):
                    several = isinstance(getattr(child, part), nn.ModuleList)
                    suffix = f'.{index}' if several else ''
                    yield f'model.roi_head.{part}{suffix}', module
        elif name == 'head' or name.endswith('_head'):
            several = isinstance(child, nn.ModuleList)
            for index, module in enumerate(_listed(child)):
                yield f'model.{name}.{index}' if several else f'model.{name}', module


def _listed(module: nn.Module | None) -> Sequence[nn.Module]:
    if module is None:
        return []
    return module if isinstance(module, nn.ModuleList) else [module]


def _run_head(head: nn.Module, key: str, maps: Sequence[Tensor], previous: Any) -> Any:
    """Runs a head if it takes maps, with the other arguments that the hosts pass."""
    others = {
        'prev_output': lambda: previous,
        'batch_data_samples': lambda: [_data_sample()],
        'rois': lambda: maps[0].new_tensor([[0, 0, 0, SIDE / 2, SIDE / 2]]),
    }
    # Callers hand an RoI extractor as many maps as it has layers.
    maps = maps[: getattr(head, 'num_inputs', len(maps))]
    first, *required = _required_arguments(head.forward) or ['']
    if first not in _MAPS or any(name not in others for name in required):
        return None
    return _run(head, key, maps, *[others[name]() for name in required])


# The names that the hosts' heads and RoI extractors give to their maps.
_MAPS = ('inputs', 'x', 'feats', 'feat', 'features', 'mlvl_feats')


def _required_arguments(function: Callable) -> list[str]:
    return [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is inspect.Parameter.empty
        and parameter.kind
        in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]


def _data_sample() -> BaseDataElement:
    shape = (SIDE, SIDE)
    return BaseDataElement(
        metainfo=dict(
            img_shape=shape,
            ori_shape=shape,
            pad_shape=shape,
            batch_input_shape=shape,
            scale_factor=(1.0, 1.0),
        )
    )


def _run(module: nn.Module, key: str, maps: Sequence[Tensor], *others: Any) -> Any:
    """Runs a module in eval mode; an error of it becomes one that names the key."""
    modes = {each: each.training for each in module.modules()}
    module.eval()
    reached: list[tuple[str, nn.Module, tuple]] = []
    try:
        with _recorded(module, reached):
            return module(maps, *others)
    except FORWARD_ERRORS as error:
        raise _explain(module, key, maps, reached, error) from error
    finally:
        for each, training in modes.items():
            each.training = training


@contextmanager
def _recorded(module: nn.Module, reached: list) -> Iterator[None]:
    """Records every layer without children that a pass reaches, with its input."""
    handles = [
        layer.register_forward_pre_hook(
            lambda layer, inputs, name=name: reached.append((name, layer, inputs))
        )
        for name, layer in module.named_modules()
        if not any(layer.children())
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _explain(
    module: nn.Module,
    key: str,
    maps: Sequence[Tensor],
    reached: list[tuple[str, nn.Module, tuple]],
    error: Exception,
) -> SwapError:
    """Makes the error that names the key."""
    channels = [each.shape[1] for each in _without_tokens(maps)]
    place = _mismatch(reached)
    why = f'{type(error).__name__}: {error}' if place is None else place
    index, has = getattr(module, 'in_index', None), getattr(module, 'in_channels', None)
    indices = index if isinstance(index, (list, tuple)) else [index]
    outside = [i for i in indices if isinstance(i, int) and not _inside(i, maps)]
    if outside:
        return SwapError(
            f'{key}.in_index', index, f'below {len(maps)}, the number of its maps'
        )
    should: Any = channels
    if isinstance(index, int):
        should = channels[index]
    elif index is not None:
        should = [channels[i] for i in index]
    elif isinstance(has, int):
        should = channels[-1]
    if has is not None and _differs(has, should):
        return SwapError(f'{key}.in_channels', has, f'{should} ({why})')
    return SwapError(
        key,
        f'{type(module).__name__}, which fails ({why})',
        f'one for {len(channels)} maps of {channels} channels',
    )


def _mismatch(reached: list[tuple[str, nn.Module, tuple]]) -> str | None:
    """Compares the channels of the last layer that a failing pass reached."""
    if not reached:
        return None
    name, layer, inputs = reached[-1]
    wants = getattr(layer, 'in_channels', None)
    if wants is None or not inputs or not isinstance(inputs[0], Tensor):
        return None
    gets = inputs[0].shape[1]
    if gets == wants:
        return None
    return f'its layer {name} takes {wants} channels and gets {gets}'


def _inside(index: int, maps: Sequence[Tensor]) -> bool:
    return -len(maps) <= index < len(maps)


def _differs(has: Any, should: Any) -> bool:
    if isinstance(has, (list, tuple)) and isinstance(should, (list, tuple)):
        return list(has) != list(should)
    # A head that concatenates levels stores the sum of their channels.
    return has != (sum(should) if isinstance(should, (list, tuple)) else should)


def _check_heatmaps(head: nn.Module, key: str, output: Any) -> None:
    """Compares the size of heat maps with the one that the codec draws targets in."""
    size = getattr(getattr(head, 'decoder', None), 'heatmap_size', None)
    if size is None or not isinstance(output, Tensor) or output.dim() != 4:
        return
    gives = [output.shape[-1], output.shape[-2]]
    if gives != list(size):
        raise SwapError(
            key,
            f'{type(head).__name__}, which gives heat maps of {gives}',
            f'one that gives {list(size)}, the heatmap_size of its decoder; give it '
            'maps of the stride that it was written for',
        )


def _check_strides(
    head: nn.Module, key: str, maps: Sequence[Tensor], width: int
) -> None:
    """Compares the strides that a head assumes with those of its maps.

    A wrong stride raises no error: it trains boxes at wrong places.
    """
    actual = [
        2 ** round(math.log2(width / each.shape[-1]))
        for each in _without_tokens(maps)
        if each.dim() == 4
    ]
    # Only these heads read all maps; mask heads have points of their own.
    dense = key in ('model.rpn_head', 'model.bbox_head')
    generator = getattr(head, 'prior_generator', None) if dense else None
    for name, has in (
        (_generator_key(head), getattr(generator, 'strides', None)),
        ('featmap_strides', getattr(head, 'featmap_strides', None)),
    ):
        if has is None:
            continue
        has = [each[0] if isinstance(each, (list, tuple)) else each for each in has]
        # An RoI extractor does not read the coarsest levels.
        should = actual[: len(has)] if name == 'featmap_strides' else actual
        # The strides of SSD's last maps are no powers of two.
        if has != should and all(math.log2(each).is_integer() for each in has):
            raise SwapError(f'{key}.{name}', has, should)


def _generator_key(head: nn.Module) -> str:
    """Returns the config's name of the module's ``prior_generator``."""
    arguments = [
        name
        for base in type(head).__mro__
        if '__init__' in vars(base)
        for name in inspect.signature(base.__init__).parameters
    ]
    for name in ('anchor_generator', 'prior_generator', 'point_generator'):
        if name in arguments:
            return f'{name}.strides'
    return 'strides'


def _without_tokens(maps: Sequence[Tensor | tuple[Tensor, Tensor]]) -> list[Tensor]:
    """Returns the maps alone where a class token comes with each."""
    return [each[0] if isinstance(each, tuple) else each for each in maps]
