"""Optimizer-wrapper constructors that merge equal parameter groups."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.dist import is_main_process
from mmengine.logging import MMLogger, print_log
from mmengine.optim import DefaultOptimWrapperConstructor
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS
from torch import nn

from ...utils.text_table import format_table

# The multipliers are already inside `lr` and `weight_decay`. Groups with equal values
# must merge, whichever multipliers led to them.
_MULTIPLIERS = ('lr_mult', 'decay_mult')


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class MergedOptimWrapperConstructor(DefaultOptimWrapperConstructor):
    """Builds an optimizer whose parameters share a group when their options agree.

    With a ``paramwise_cfg``, MMEngine's default constructor makes one group for each
    parameter (about 700 for Stable Diffusion). That slows the fused optimizers down,
    and nobody can read the logged learning rates. This constructor reads
    ``paramwise_cfg`` exactly as its base class does, and then

    * puts all parameters with equal learning rate, weight decay and further options
      into one group. Groups stand in the order of their first parameter in the model,
      parameters in the model's order, so an unchanged config resumes;
    * leaves parameters with ``requires_grad=False`` out, also without
      ``paramwise_cfg``;
    * refuses an entry of ``custom_keys`` that occurs in no parameter name;
    * logs one table of the groups.

    If several keys match, the longest decides, and the first in the alphabet among
    equally long ones. VPD's released recipe therefore trains the attention norms of
    the UNet (a longer key) at the full learning rate without decay; its paper gives one
    tenth to the whole UNet (section 4.1).

    Example:
        >>> from mmengine.optim import build_optim_wrapper
        >>> model = torch.nn.ModuleDict(
        ...     dict(unet=torch.nn.Linear(4, 4), head=torch.nn.Linear(4, 1)))
        >>> wrapper = build_optim_wrapper(model, dict(
        ...     constructor='MergedOptimWrapperConstructor',
        ...     optimizer=dict(type='AdamW', lr=1.0, weight_decay=0.5),
        ...     paramwise_cfg=dict(custom_keys=dict(unet=dict(lr_mult=0.1)))))
        >>> [(group['lr'], group['weight_decay'], len(group['params']))
        ...  for group in wrapper.optimizer.param_groups]
        [(0.1, 0.5, 2), (1.0, 0.5, 2)]

    Args:
        optim_wrapper_cfg: Config of the optimizer wrapper with an ``optimizer`` entry.
        paramwise_cfg: Options of single parameters, see
            :class:`mmengine.optim.DefaultOptimWrapperConstructor`.

    Raises:
        ValueError: A custom key matches no parameter, ``custom_keys`` is given for an
            optimizer config without ``lr``, a shared parameter would get two different
            options, or the model has no trainable parameter.
    """

    def __init__(
        self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None
    ) -> None:
        # For an empty config the base class takes `model.parameters()` as they are,
        # frozen ones included, and never calls `add_params`.
        if paramwise_cfg is None or paramwise_cfg == {}:
            paramwise_cfg = dict(custom_keys={})
        super().__init__(optim_wrapper_cfg, paramwise_cfg)

    def _validate_cfg(self) -> None:
        """Checks the configs.

        Raises:
            ValueError: There are custom keys, but no base learning rate.
        """
        super()._validate_cfg()
        custom_keys = self.paramwise_cfg.get('custom_keys', {})
        if custom_keys and self.base_lr is None:
            raise ValueError(
                f'custom_keys {sorted(custom_keys)} scale the learning rate, but the '
                f'optimizer config {self.optimizer_cfg} has no lr; add it'
            )

    def add_params(
        self,
        params: list[dict],
        module: nn.Module,
        prefix: str = '',
        is_dcn_module: int | float | None = None,
    ) -> None:
        """Extends ``params`` by the merged groups of ``module``.

        Args:
            params: Groups, extended in place.
            module: The model, or a part of it when the base class recurses.
            prefix: Name of ``module`` in the model; empty for the model itself.
            is_dcn_module: Whether the parent is a deformable convolution.
        """
        if prefix:
            super().add_params(params, module, prefix, is_dcn_module)
            return
        self._check_custom_keys(module)
        check_trainable(module)
        single: list[dict] = []
        with _muted_parameter_lines():
            super().add_params(single, module, prefix, is_dcn_module)
        names = _names_by_id(module)
        groups = self._merge(single, names)
        params.extend(groups)
        if is_main_process():
            print_log(_describe_groups(groups, names), logger='current')

    def _check_custom_keys(self, module: nn.Module) -> None:
        """Raises ``ValueError`` for the first custom key that matches no name."""
        names = [name for name, _ in module.named_parameters(remove_duplicate=False)]
        # The base class matches a parameter of the model itself as `.name`.
        matchable = [name if '.' in name else f'.{name}' for name in names]
        for key in self.paramwise_cfg.get('custom_keys', {}):
            if not any(key in name for name in matchable):
                close = _close_names(key, names)
                hint = (
                    f'close names: {close}' if close else f'names are like {names[:3]}'
                )
                raise ValueError(
                    f'custom key {key!r} occurs in none of the {len(names)} parameter '
                    f'names of {type(module).__name__}; {hint}. Correct or remove it'
                )

    def _merge(self, single: list[dict], names: dict[int, list[str]]) -> list[dict]:
        """Merges groups of one parameter each by their options."""
        merged: list[tuple[dict, list[nn.Parameter]]] = []
        options_of: dict[int, dict] = {}
        for group in single:
            (param,) = group['params']
            options = self._options(group)
            # A shared parameter arrives once for every name it has.
            if options_of.setdefault(id(param), options) != options:
                raise ValueError(
                    f'the parameter shared by {names[id(param)]} would get both '
                    f'{options_of[id(param)]} and {options}; give its names the same '
                    'options or set bypass_duplicate=True to keep the first'
                )
            if options_of[id(param)] is not options:
                continue
            for known, members in merged:
                if known == options:
                    members.append(param)
                    break
            else:
                merged.append((options, [param]))
        return [dict(params=members, **options) for options, members in merged]

    def _options(self, group: dict) -> dict:
        """Returns the options of a group with the optimizer's defaults written out."""
        defaults = dict(lr=self.base_lr, weight_decay=self.base_wd)
        options = {key: value for key, value in defaults.items() if value is not None}
        options.update(
            (key, value)
            for key, value in group.items()
            if key not in ('params', *_MULTIPLIERS)
        )
        return options


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class UndecayedVectorsOptimWrapperConstructor(MergedOptimWrapperConstructor):
    """Builds such an optimizer, and decays no vectors: biases, norms, VPD's gamma.

    VPD's released depth estimation does so in all groups, and so does Meta Prompts'.
    MMEngine's ``flat_decay_mult`` does not apply to parameters that a custom key
    matches, here the whole UNet. mmsegmentation's recipe
    (``ForceDefaultOptimWrapperConstructor`` with ``bias_decay_mult=0``) still decays
    gamma and the weights of norms.

    Arguments and errors are those of `MergedOptimWrapperConstructor`, with one more:

    Example:
        >>> from mmengine.optim import build_optim_wrapper
        >>> model = torch.nn.ModuleDict(
        ...     dict(unet=torch.nn.Linear(4, 4), head=torch.nn.Linear(4, 1)))
        >>> wrapper = build_optim_wrapper(model, dict(
        ...     constructor='UndecayedVectorsOptimWrapperConstructor',
        ...     optimizer=dict(type='AdamW', lr=1.0, weight_decay=0.5),
        ...     paramwise_cfg=dict(custom_keys=dict(unet=dict(lr_mult=0.1)))))
        >>> [(group['lr'], group['weight_decay'], len(group['params']))
        ...  for group in wrapper.optimizer.param_groups]
        [(0.1, 0.5, 1), (0.1, 0.0, 1), (1.0, 0.5, 1), (1.0, 0.0, 1)]

    Raises:
        ValueError: FSDP shards the model: it flattens every parameter to a vector.
    """

    def _options(self, group: dict) -> dict:
        (param,) = group['params']
        if getattr(param, '_fsdp_flattened', False):
            raise ValueError(
                'FSDP has made flat pieces of the parameters, so vectors cannot be '
                'told from matrices; take MergedOptimWrapperConstructor, or a '
                'strategy that leaves parameters whole (DDPStrategy)'
            )
        options = super()._options(group)
        if param.ndim <= 1:
            options['weight_decay'] = 0.0
        return options


@contextmanager
def _muted_parameter_lines() -> Iterator[None]:
    """Hides the base class's one or two log lines per parameter."""

    def keep(record: logging.LogRecord) -> bool:
        message = record.getMessage()
        return not (
            message.startswith('paramwise_options -- ')
            or 'is skipped since its requires_grad=' in message
        )

    logger = MMLogger.get_current_instance()
    logger.addFilter(keep)
    try:
        yield
    finally:
        logger.removeFilter(keep)


def check_trainable(module: nn.Module) -> None:
    """Refuses a model without a trainable parameter.

    Raises:
        ValueError: Nothing requires a gradient.
    """
    if not any(parameter.requires_grad for parameter in module.parameters()):
        raise ValueError(
            f'{type(module).__name__} has no parameter with requires_grad=True: '
            'nothing to optimize; unfreeze a part of the model'
        )


def _names_by_id(module: nn.Module) -> dict[int, list[str]]:
    """Maps the id of every parameter to all of its names."""
    names: dict[int, list[str]] = {}
    for name, param in module.named_parameters(remove_duplicate=False):
        names.setdefault(id(param), []).append(name)
    return names


def _close_names(key: str, names: list[str]) -> list[str]:
    """Finds parts of parameter names, as many segments as ``key``, that resemble it."""
    length = len(key.strip('.').split('.'))
    parts: dict[str, None] = {}
    for name in names:
        segments = name.split('.')
        for start in range(max(1, len(segments) - length + 1)):
            parts['.'.join(segments[start : start + length])] = None
    return difflib.get_close_matches(key.strip('.'), list(parts), n=3)


def _describe_groups(groups: list[dict], names: dict[int, list[str]]) -> str:
    """Renders the groups as text, one row each."""
    header = (
        '#',
        'lr',
        'weight decay',
        'tensors',
        'values',
        'other options',
        'first parameter',
    )
    rows = []
    for index, group in enumerate(groups):
        others = {
            key: value
            for key, value in group.items()
            if key not in ('params', 'lr', 'weight_decay')
        }
        rows.append(
            (
                index,
                _format_number(group.get('lr')),
                _format_number(group.get('weight_decay')),
                len(group['params']),
                f'{sum(param.numel() for param in group["params"]):,}',
                others or '',
                names[id(group['params'][0])][0],
            )
        )
    return f'Optimizer groups\n{format_table(header, rows)}'


def _format_number(value: float | None) -> str:
    return 'default' if value is None else f'{value:.4g}'
