"""The codec of a generalist, which draws the targets of several tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement
from torch import Tensor

from .queries import Queries
from .target_codec import PictureTarget, picture_name


@TASK_UTILS.register_module()
class QueryCodec:
    """Draws each target of a batch as the codec of its task does.

    It decodes nothing: a prediction is a picture until `GeneralistPerceptor` knows its
    task, whose codec reads it.

    Example:
        >>> codec = TASK_UTILS.build(dict(type='QueryCodec', tasks=[
        ...     dict(type='DepthQueries', codec=dict(type='MetricDepthCodec'))]))
        >>> from mmengine.structures import BaseDataElement, PixelData
        >>> sample = BaseDataElement(
        ...     gt_depth_map=PixelData(data=torch.full((1, 8, 8), 5.0)),
        ...     metainfo=dict(task='depth'))
        >>> codec.encode([sample]).pictures.shape
        torch.Size([1, 3, 8, 8])

    Args:
        tasks: Configs of the `Queries` of every task.

    Raises:
        ValueError: There are no tasks, or two have one name.
    """

    reference: str | None = None

    def __init__(self, tasks: Sequence[Mapping]) -> None:
        queries: list[Queries] = [TASK_UTILS.build(each) for each in tasks]
        self.tasks = {each.name: each for each in queries}
        if not queries or len(self.tasks) < len(queries):
            raise ValueError(
                'a generalist needs tasks, each once, got '
                f'{[each.name for each in queries]}'
            )

    def encode(
        self, samples: Sequence[BaseDataElement], images: Tensor | None = None
    ) -> PictureTarget:
        """Draws the targets of a batch, one after the other.

        Args:
            samples: With ``task`` in their metainfo, and what the task's codec draws.
            images: RGB in [-1, 1], shape (B, 3, H, W).

        Returns:
            The pictures, and where the targets are known.

        Raises:
            ValueError: A data sample has no task, or one that is not known.
        """
        targets = [
            self.queries_of(sample).codec.encode(
                [sample], None if images is None else images[row : row + 1]
            )
            for row, sample in enumerate(samples)
        ]
        pictures, valid = zip(*targets, strict=True)
        return PictureTarget(torch.cat(pictures), torch.cat(valid))

    def decode(self, pictures: Tensor, reference: Tensor | None = None) -> Tensor:
        """Returns the pictures, of which the task's codec will read.

        Args:
            pictures: Shape (B, 3, H, W).
            reference: Not used.

        Returns:
            The same.
        """
        return pictures

    def queries_of(self, sample: BaseDataElement) -> Queries:
        """Looks up the queries of a data sample.

        Args:
            sample: With ``task`` in its metainfo.

        Returns:
            The queries.

        Raises:
            ValueError: It has no task, or one that is not known.
        """
        task = sample.metainfo.get('task')
        if task not in self.tasks:
            raise ValueError(
                f'{picture_name(sample)} has the task {task!r}, '
                f'and the model knows {tuple(self.tasks)}: the pipeline needs '
                'DrawQuery in training and NameTask in a test, and in the packing '
                "transform's meta_keys 'task'"
            )
        return self.tasks[task]
