"""Optimizer-wrapper constructor that tells hidden matrices from the rest."""

from __future__ import annotations

from mmengine.logging import print_log
from mmengine.optim import DefaultOptimWrapperConstructor
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS
from torch import nn

# First and last layers of diffusers' networks: matrices, but not hidden ones.
DEFAULT_ADAMW_KEYS = ('conv_in.', 'conv_out.', 'quant_conv.')


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class MuonOptimWrapperConstructor(DefaultOptimWrapperConstructor):
    """Sorts parameters into the groups of ``MuonAdamW``.

    Muon gets every trainable weight with two or more dimensions, less embeddings and
    the first and last layers; AdamW gets those, and, without weight decay, vectors
    and embeddings.

    Example:
        >>> from mmengine.optim import build_optim_wrapper
        >>> model = torch.nn.ModuleDict(
        ...     dict(unet=torch.nn.Linear(4, 4), head=torch.nn.Linear(4, 1)))
        >>> wrapper = build_optim_wrapper(model, dict(
        ...     constructor='MuonOptimWrapperConstructor',
        ...     optimizer=dict(type='MuonAdamW', lr=1e-3)))
        >>> sorted({group['algorithm'] for group in wrapper.param_groups})
        ['adamw', 'muon']

    Args:
        optim_wrapper_cfg: Config of the optimizer wrapper; its ``optimizer`` is a
            ``MuonAdamW``.
        paramwise_cfg: ``dict(adamw_keys=(...))`` replaces the parts of a name that
            make a matrix AdamW's; by default ``conv_in.``, ``conv_out.`` and
            ``quant_conv.``.

    Raises:
        ValueError: The optimizer is another one, ``paramwise_cfg`` has other entries,
            or there is nothing to train.
    """

    def __init__(
        self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None
    ) -> None:
        # The base class skips `add_params` without a `paramwise_cfg`.
        paramwise_cfg = dict(paramwise_cfg or dict(adamw_keys=DEFAULT_ADAMW_KEYS))
        unknown = set(paramwise_cfg) - {'adamw_keys'}
        if unknown:
            raise ValueError(
                'MuonOptimWrapperConstructor knows paramwise_cfg=dict(adamw_keys=...), '
                f'got {sorted(unknown)}'
            )
        super().__init__(optim_wrapper_cfg, paramwise_cfg)
        if self.optimizer_cfg.get('type') != 'MuonAdamW':
            raise ValueError(
                'MuonOptimWrapperConstructor makes groups for MuonAdamW, got '
                f'optimizer type {self.optimizer_cfg.get("type")!r}'
            )

    def add_params(
        self,
        params: list[dict],
        module: nn.Module,
        prefix: str = '',
        is_dcn_module: int | float | None = None,
    ) -> None:
        """Extends ``params`` by the groups of ``module``.

        Args:
            params: Groups, extended in place.
            module: The model.
            prefix: Unused; part of the base class's interface.
            is_dcn_module: Unused; part of the base class's interface.
        """
        embeddings = {
            id(child.weight)
            for child in module.modules()
            if isinstance(child, nn.Embedding)
        }
        muon, edge, plain = [], [], []
        for name, parameter in module.named_parameters():
            if not parameter.requires_grad:
                continue
            if parameter.ndim < 2 or id(parameter) in embeddings:
                plain.append(parameter)
            elif any(key in name for key in self.paramwise_cfg['adamw_keys']):
                edge.append(parameter)
            else:
                muon.append(parameter)
        groups = [
            dict(params=muon, algorithm='muon'),
            dict(params=edge, algorithm='adamw'),
            dict(params=plain, algorithm='adamw', weight_decay=0.0),
        ]
        groups = [group for group in groups if group['params']]
        if not groups:
            raise ValueError(
                f'{type(module).__name__} has no parameter with requires_grad=True: '
                'nothing to optimize; unfreeze a part of the model'
            )
        params.extend(groups)
        for group in groups:
            values = sum(parameter.numel() for parameter in group['params'])
            print_log(
                f'{group["algorithm"]}: {len(group["params"])} tensors, '
                f'{values:,} values',
                logger='current',
            )
