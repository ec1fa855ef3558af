"""The hook that writes what a personalization learned."""

from __future__ import annotations

from pathlib import Path

from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.registry import HOOKS


@HOOKS.register_module()
class WriteResultHook(Hook):
    """Writes a learned word, adapters or a whole model after the training.

    The files are those of diffusers' scripts, see ``write_result`` of the model.

    Example:
        >>> hook = HOOKS.build(dict(type='WriteResultHook', folder='pretrained/night'))

    Args:
        folder: Where to write. A word or adapters in it are replaced; a whole model
            is not.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def before_train(self, runner) -> None:
        """Refuses to begin a training whose result would find no place.

        Raises:
            FileExistsError: The folder holds a whole model.
        """
        if (self.folder / 'model_index.json').is_file():
            raise FileExistsError(
                f'{self.folder} holds a model already; remove it, or name another '
                'folder with custom_hooks'
            )

    def after_train(self, runner) -> None:
        """Writes the result; only the main process does."""
        if runner.rank != 0:
            return
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        path = model.write_result(self.folder)
        print_log(f'Written: {path}', runner.logger)
