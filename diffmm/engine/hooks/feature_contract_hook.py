"""A wrong channel number fails before anything is loaded."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.registry import HOOKS

from diffmm.swapping import check_feature_contract


@HOOKS.register_module()
class FeatureContractHook(Hook):
    """Check that neck and heads fit the backbone, before weights are read.

    Add it to a config of any host; the message of a wrong number names its key, what it
    has and what it should be. `check_feature_contract` says what is checked, and how.

    Example:
        >>> custom_hooks = [dict(type='FeatureContractHook')]

    Raises:
        SwapError: A neck or head does not fit what the backbone's ``feature_info``
            promises.
        ValueError: The model has no backbone with ``feature_info``.
    """

    priority = 'VERY_HIGH'

    def before_run(self, runner) -> None:
        """Check the model that was built."""
        model = runner.model
        check_feature_contract(model.module if is_model_wrapper(model) else model)
