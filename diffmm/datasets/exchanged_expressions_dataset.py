"""Does a model read the expression?"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from mmengine.registry import DATASETS

from .referring_segmentation_dataset import ReferringSegmentationDataset


@DATASETS.register_module()
class ExchangedExpressionsDataset(ReferringSegmentationDataset):
    """Sentences exchanged for those of another object in the same picture.

    A control. A model that reads the text segments the other object and scores next to
    nothing; one that finds whatever stands out scores as well as before. Sentences of
    pictures with a single referred object are left out, so compare with
    ``exchange=False``, which leaves out the same and exchanges nothing.

    A sentence of a picture's object i is exchanged for one of its object i + 1, of the
    last object for one of the first. The sentences keep their ids.

    Args:
        exchange: Whether to exchange.
        test_mode: As in the base class; only tests have a sentence an item.
        **kwargs: Of ``ReferringSegmentationDataset``.

    Raises:
        ValueError: ``test_mode`` is off, or no picture has two referred objects.
    """

    def __init__(
        self, exchange: bool = True, test_mode: bool = True, **kwargs: Any
    ) -> None:
        if not test_mode:
            raise ValueError(
                'ExchangedExpressionsDataset is a control for tests, got '
                f'test_mode={test_mode!r}; train on ReferringSegmentationDataset'
            )
        self.exchange = exchange
        super().__init__(test_mode=test_mode, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the sentences of pictures with several referred objects.

        Returns:
            The items, see the base class.
        """
        pictures: dict[str, dict[int, list[dict]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for item in super().load_data_list():
            pictures[item['img_path']][item['ref_id']].append(item)
        items = []
        for objects in pictures.values():
            groups = list(objects.values())
            if len(groups) > 1:
                others = groups[1:] + groups[:1] if self.exchange else groups
                items += _with_texts(groups, others)
        if not items:
            raise ValueError(
                f'no picture of split {self.split!r} of {self.dataset!r} '
                f'({self.split_by}) has two referred objects to exchange sentences'
            )
        return items


def _with_texts(groups: list[list[dict]], others: list[list[dict]]) -> list[dict]:
    """Give the items of each object the texts of another, repeated as needed."""
    return [
        dict(item, expression=other[number % len(other)]['expression'])
        for group, other in zip(groups, others, strict=True)
        for number, item in enumerate(group)
    ]
