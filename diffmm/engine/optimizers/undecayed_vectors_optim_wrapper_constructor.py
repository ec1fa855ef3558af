"""Optimizer-wrapper constructor that takes weight decay from vectors."""

from __future__ import annotations

from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS

from .merged_optim_wrapper_constructor import MergedOptimWrapperConstructor


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class UndecayedVectorsOptimWrapperConstructor(MergedOptimWrapperConstructor):
    """Decay nothing that is one-dimensional: biases, norms, VPD's gamma.

    VPD's released depth estimation (and Meta Prompts') does so in all groups.
    MMEngine's ``flat_decay_mult`` cannot say it, because it leaves out whatever a
    custom key matches, here the whole UNet. mmsegmentation's recipe, its
    ``ForceDefaultOptimWrapperConstructor`` with ``bias_decay_mult=0``, still decays
    gamma and the weights of norms.

    Arguments and errors are those of `MergedOptimWrapperConstructor`, and one more:

    Raises:
        ValueError: The model is divided by FSDP, which makes a vector of everything.

    Example:
        >>> optim_wrapper = dict(
        ...     constructor='UndecayedVectorsOptimWrapperConstructor',
        ...     optimizer=dict(type='AdamW', lr=5e-4, weight_decay=0.1),
        ...     paramwise_cfg=dict(
        ...         custom_keys={'backbone.unet': dict(lr_mult=0.01)}))
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
