"""A hook that compares the names of a head with those of the data."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.registry import HOOKS
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from diffmm.utils.class_names import normalize_name


@HOOKS.register_module()
class ClassOrderHook(Hook):
    """Refuses a head of text whose names do not stand in the order of the labels.

    A text that stands for another label trains without an error. Vermouth's released
    lists do so for three data sets of classification.

    The names need not be the same ("lamp" may be the text of "light"), but as many, and
    none may be the name of another label.

    Example:
        >>> hook = HOOKS.build(dict(type='ClassOrderHook'))
    """

    def before_train(self, runner: Runner) -> None:
        """Compares with the training data.

        Raises:
            ValueError: The names differ in number or order.
        """
        self._compare(runner, runner.train_dataloader)

    def before_val(self, runner: Runner) -> None:
        """Compares with the validation data.

        Raises:
            ValueError: The names differ in number or order.
        """
        self._compare(runner, runner.val_dataloader)

    def before_test(self, runner: Runner) -> None:
        """Compares with the test data.

        Raises:
            ValueError: The names differ in number or order.
        """
        self._compare(runner, runner.test_dataloader)

    def _compare(self, runner: Runner, loader: DataLoader) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        head = getattr(model, 'decode_head', None) or model.head
        texts = getattr(head, 'texts', None)
        if texts is not None and texts.are_known:
            compare_names(texts.names, loader.dataset.metainfo['classes'])


def compare_names(texts: Sequence[str], labels: Sequence[str]) -> None:
    """Checks that texts stand in the order of labels.

    Args:
        texts: The names of a head.
        labels: Those of a data set.

    Raises:
        ValueError: They differ in number, or a text is the name of another label.
    """
    if len(texts) != len(labels):
        raise ValueError(
            f'the head has {len(texts)} classes and the data set {len(labels)}: give '
            'the head the names of this data set, in the order of its labels'
        )
    numbers = {normalize_name(name): number for number, name in enumerate(labels)}
    for number, name in enumerate(texts):
        other = numbers.get(normalize_name(name), number)
        if other != number:
            raise ValueError(
                f"the head's class {number} is {name!r}, but the data set has this "
                f'name for label {other}, and {labels[number]!r} for {number}: the '
                'names must stand in the order of the labels'
            )
