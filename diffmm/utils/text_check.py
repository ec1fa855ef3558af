"""Checks of the texts of a run before its first batch."""

from __future__ import annotations

from typing import Any

from mmengine.model import BaseTTAModel, is_model_wrapper
from mmengine.runner import Runner
from mmengine.runner.loops import BaseLoop

from .data_check import single_datasets


def check_texts(runner: Runner) -> None:
    """Checks the texts of all pictures, as far as that needs no picture.

    A transform can do so if it has a method ``check_pictures``, such as `LoadCaption`,
    a data preprocessor if it has ``check_test``. Otherwise the first validation would
    find the error, hours later.

    Args:
        runner: A runner whose loops are built, as they are in ``before_run``.

    Raises:
        FileNotFoundError: There is no such file of texts.
        ValueError: A text is missing or wrong, or must not be read at test.
    """
    for name in ('_train_loop', '_val_loop', '_test_loop'):
        loop = getattr(runner, name, None)
        if not isinstance(loop, BaseLoop):
            continue
        for dataset in single_datasets(loop.dataloader.dataset):
            _check_pictures(dataset)
        if name != '_train_loop':
            model = runner.model
            while is_model_wrapper(model) or isinstance(model, BaseTTAModel):
                model = model.module
            preprocessor = getattr(model, 'data_preprocessor', None)
            check = getattr(preprocessor, 'check_test', None)
            if check is not None:
                check()


def _check_pictures(dataset: Any) -> None:
    steps = getattr(getattr(dataset, 'pipeline', None), 'transforms', ())
    checks = [step.check_pictures for step in steps if hasattr(step, 'check_pictures')]
    if not checks or not hasattr(dataset, 'get_data_info'):
        return
    pictures = [dataset.get_data_info(index) for index in range(len(dataset))]
    pictures = [each for each in pictures if 'img_path' in each]
    for check in checks:
        check(pictures)
