"""The hook that reports a wrong channel number before anything is loaded."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.registry import HOOKS

from diffmm.swapping import check_feature_contract


@HOOKS.register_module()
class FeatureContractHook(Hook):
    """Checks that neck and heads fit the backbone, before weights are read.

    It works in a config of any host. The error of a wrong number names its key, its
    value and what it should be. `check_feature_contract` lists what is checked.

    Example:
        >>> custom_hooks = [dict(type='FeatureContractHook')]

    Raises:
        SwapError: A neck or head does not fit the maps that the backbone's
            ``feature_info`` promises.
        ValueError: The model has no backbone with ``feature_info``.
    """

    priority = 'VERY_HIGH'

    def before_run(self, runner) -> None:
        """Checks the model that was built."""
        model = runner.model
        check_feature_contract(model.module if is_model_wrapper(model) else model)
