"""Hooks that act once, before the first training step."""

from __future__ import annotations

from mmengine.hooks import EMAHook, Hook
from mmengine.model import is_model_wrapper
from mmengine.registry import HOOKS

from diffmm.swapping import check_feature_contract


@HOOKS.register_module()
class FeatureContractHook(Hook):
    """Checks that neck and heads fit the backbone, before weights are read.

    It works in a config of any host. An error names the key of the wrong number, its
    value, and the right one. `check_feature_contract` says what is checked, and how.

    Example:
        >>> hook = HOOKS.build(dict(type='FeatureContractHook'))

    Raises:
        SwapError: A neck or head does not fit what the backbone's ``feature_info``
            promises.
        ValueError: The model has no backbone with ``feature_info``.
    """

    priority = 'VERY_HIGH'

    def before_run(self, runner) -> None:
        """Checks the model that was built."""
        model = runner.model
        check_feature_contract(model.module if is_model_wrapper(model) else model)


@HOOKS.register_module()
class InitialValidationHook(Hook):
    """Runs the validation loop once before training.

    The log and ``scalars.json`` then have the metric of the untrained (or loaded)
    model at step 0. A run that is resumed after its first iteration skips it.

    It is a validation like any other: ``save_best`` may keep the model of step 0, and
    early stopping and metric-driven schedulers count it. MMEngine's ``EMAHook``, which
    copies the model before its weights are read, validates its average; at step 0 that
    is set to the model's own weights.

    Example:
        >>> hook = HOOKS.build(dict(type='InitialValidationHook'))

    Raises:
        ValueError: The runner has no validation loop.
    """

    # After CheckpointHook, which must have resolved its folder to save the best model.
    priority = 'LOWEST'

    def before_train(self, runner) -> None:
        """Validates if nothing has been trained yet."""
        if runner.val_loop is None:
            raise ValueError(
                'InitialValidationHook has nothing to run: give val_dataloader, '
                'val_cfg and val_evaluator, or remove the hook'
            )
        if runner.iter > 0:
            return
        for hook in runner.hooks:
            if isinstance(hook, EMAHook):
                hook.ema_model.module.load_state_dict(hook.src_model.state_dict())
        runner.val_loop.run()
