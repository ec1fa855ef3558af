"""The metric before the first training step."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.registry import HOOKS


@HOOKS.register_module()
class InitialValidationHook(Hook):
    """Run the validation loop once before training.

    The metric of the untrained (or loaded) model then stands in the log and in
    ``scalars.json`` at step 0, where every later one is compared to it. A run that is
    resumed after its first iteration skips it.

    It is a validation like any other: ``save_best`` may keep the model of step 0,
    early stopping and metric-driven schedulers count it.

    Raises:
        ValueError: The runner has no validation loop.
    """

    # After CheckpointHook, which must have resolved its folder to save the best model.
    priority = 'LOWEST'

    def before_train(self, runner) -> None:
        """Validate if nothing has been trained yet."""
        if runner.val_loop is None:
            raise ValueError(
                'InitialValidationHook has nothing to run: give val_dataloader, '
                'val_cfg and val_evaluator, or remove the hook'
            )
        if runner.iter == 0:
            runner.val_loop.run()
