# Needs mmsegmentation.
"""Test-time augmentation whose views share batches."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from mmengine.registry import MODELS
from mmseg.models import SegTTAModel
from mmseg.structures import SegDataSample

from diffmm.utils.halving_batches import HalvingBatches


@MODELS.register_module()
class BatchedSegTTAModel(SegTTAModel):
    """mmsegmentation's ``SegTTAModel`` that predicts views of equal size together.

    mmsegmentation runs view after view. Here a picture and its mirror image, and
    scales that come out equally large, are one batch. Views that follow each other are
    joined, as ``TestTimeAug`` lists them with the scales first. They are merged as the
    host merges them.

    Example:
        >>> config = dict(
        ...     type='BatchedSegTTAModel', views_per_batch=2,
        ...     module=dict(
        ...         type='SlidingEncoderDecoder',
        ...         backbone=dict(
        ...             type='StableDiffusionBackbone', arch='mini',
        ...             prompt=dict(type='ClassNamePrompt', classes=['sky', 'tree'])),
        ...         decode_head=dict(
        ...             type='mmseg.FCNHead', in_channels=32, channels=8, num_convs=1,
        ...             num_classes=2, in_index=0),
        ...         test_cfg=dict(mode='whole')))
        >>> MODELS.build(config).views_per_batch
        2

    Args:
        *args: Arguments of ``SegTTAModel``.
        views_per_batch: The most pictures of a batch, every view counted. It halves
            itself as the windows of `SlidingEncoderDecoder` do.
        **kwargs: Arguments of ``SegTTAModel``.

    Raises:
        ValueError: ``views_per_batch`` is no positive integer.
    """

    def __init__(self, *args: Any, views_per_batch: int = 2, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._batches = HalvingBatches(views_per_batch, 'tta_model.views_per_batch')

    @property
    def views_per_batch(self) -> int:
        """The most pictures of a batch."""
        return self._batches.size

    def test_step(self, data: dict[str, list]) -> list[SegDataSample]:
        """Predicts all views and merges them.

        Args:
            data: ``inputs`` and ``data_samples``, each a list of views, each view a
                list of the pictures of the batch.

        Returns:
            The merged prediction of every picture.
        """
        views = [
            dict(zip(data, view, strict=True))
            for view in zip(*data.values(), strict=True)
        ]
        predictions = []
        for _, same in groupby(views, key=_sizes_of):
            group = list(same)
            rows = len(group[0]['inputs'])
            predictions += self._batches(self._predict_views, group, rows)
        return self.merge_preds(list(zip(*predictions, strict=True)))

    def _predict_views(self, views: list[dict]) -> list[list[SegDataSample]]:
        """Predicts views of equal size; a list of pictures for each."""
        joined = {key: sum((view[key] for view in views), []) for key in views[0]}
        rows = iter(self.module.test_step(joined))
        return [[next(rows) for _ in view['inputs']] for view in views]


def _sizes_of(view: dict) -> list[tuple[int, ...]]:
    return [tuple(picture.shape) for picture in view['inputs']]
