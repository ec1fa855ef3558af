"""A hook for tests that want the loss of every single iteration."""

from __future__ import annotations

import json
from pathlib import Path

from mmengine.dist import all_reduce_dict, is_main_process
from mmengine.hooks import Hook
from mmengine.registry import HOOKS


@HOOKS.register_module()
class LossRecorderHook(Hook):
    """Appends ``{"iter", "loss"}`` lines to a file, the loss averaged over ranks.

    Args:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        losses = dict(loss=outputs['loss'].detach().clone())
        all_reduce_dict(losses, op='mean')
        if is_main_process():
            line = dict(iter=runner.iter + 1, loss=losses['loss'].item())
            with self._path.open('a') as file:
                file.write(json.dumps(line) + '\n')


def read_losses(path: Path) -> dict[int, float]:
    """Losses by iteration; of one that ran twice, the later."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return {line['iter']: line['loss'] for line in lines}
