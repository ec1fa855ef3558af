"""The queries of each task: what is asked, and what the answers become."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement, InstanceData, PixelData
from torch import Tensor

from diffmm.utils.class_names import BACKGROUND
from diffmm.utils.instructions import instruct

from .color_codec import distance_to_color
from .queries import Answer, Queries, Question

UNCLAIMED = 255


@TASK_UTILS.register_module()
class DepthQueries(Queries):
    """The depth of all pixels, one question.

    Example:
        >>> queries = TASK_UTILS.build(dict(
        ...     type='DepthQueries', codec=dict(type='MetricDepthCodec')))
        >>> from mmengine.structures import BaseDataElement
        >>> queries.ask(BaseDataElement())
        [Question(label=None, text='estimate the depth of the image')]
    """

    task = 'depth'

    def ask(self, sample: BaseDataElement) -> list[Question]:
        """Lists the one question.

        Args:
            sample: Not used.

        Returns:
            The question.
        """
        return [Question(None, self.sentence)]

    def write(self, sample: BaseDataElement, answers: Iterable[Answer]) -> None:
        """Puts depth into a data sample.

        Args:
            sample: The data sample; gets what the codec writes.
            answers: The one answer.
        """
        (answer,) = answers
        self.codec.write(sample, answer.prediction, None)

    def _resolve(
        self, dataset: str | None, classes: Sequence[str] | None
    ) -> tuple[str, ...]:
        return ()


@TASK_UTILS.register_module()
class SegmentationQueries(Queries):
    """The mask of one class each.

    A pixel gets the class whose map is largest there, if that exceeds the codec's
    threshold. Otherwise it gets the background, where the classes have one, or no
    class, which every metric counts as an error.

    Example:
        >>> queries = TASK_UTILS.build(dict(
        ...     type='SegmentationQueries', classes=['sky', 'tree'],
        ...     codec=dict(type='WhiteMaskCodec')))
        >>> from mmengine.structures import BaseDataElement
        >>> queries.ask(BaseDataElement())[1].text
        'segment the tree'
        >>> from diffmm.models.perceptors.queries import Answer
        >>> maps = torch.tensor([[0.9, 0.6, 0.1]]), torch.tensor([[0.2, 0.7, 0.4]])
        >>> sample = BaseDataElement()
        >>> queries.write(sample, [
        ...     Answer(label, each[None], each[None])
        ...     for label, each in enumerate(maps)])
        >>> sample.pred_sem_seg.data.tolist()
        [[[0, 1, 255]]]

    Args:
        keep_answers: Data samples keep the single maps in the size of the network's
            input, as ``query_maps``, for `InstructCVSegmentationQuirks`.
        **options: Of `Queries`.
    """

    task = 'segmentation'

    def __init__(self, keep_answers: bool = False, **options: object) -> None:
        super().__init__(**options)
        self.keep_answers = keep_answers
        names = [name == BACKGROUND for name in self.classes]
        self.unclaimed = names.index(True) if any(names) else UNCLAIMED

    def write(self, sample: BaseDataElement, answers: Iterable[Answer]) -> None:
        """Puts a label map into a data sample.

        Args:
            sample: The data sample; gets ``pred_sem_seg``, and with ``keep_answers``
                ``query_maps``, shape (Q, h, w), and the ``query_labels`` of the maps.
            answers: Maps, one for every question.
        """
        best = labels = None
        kept: dict[int, Tensor] = {}
        for label, prediction, network_prediction in answers:
            if best is None:
                best = torch.full_like(prediction, self.codec.threshold)
                labels = torch.full_like(prediction, self.unclaimed, dtype=torch.long)
            larger = prediction > best
            best = torch.where(larger, prediction, best)
            labels = torch.where(larger, label, labels)
            if self.keep_answers:
                kept[label] = network_prediction[0]
        if labels is None:  # a picture of which nothing was asked
            shape = sample.metainfo['ori_shape'][:2]
            labels = torch.full((1, *shape), self.unclaimed)
        sample.set_data(dict(pred_sem_seg=PixelData(data=labels)))
        if self.keep_answers:
            maps = torch.stack([*kept.values()]) if kept else labels.new_zeros(0, 1, 1)
            sample.set_data(dict(query_maps=maps))
            sample.set_metainfo(dict(query_labels=tuple(kept)))


@TASK_UTILS.register_module()
class DetectionQueries(Queries):
    """The boxes of one class each.

    Example:
        >>> queries = TASK_UTILS.build(dict(
        ...     type='DetectionQueries', classes=['person', 'car'],
        ...     codec=dict(type='BoxOutlineCodec')))
        >>> from mmengine.structures import BaseDataElement
        >>> queries.ask(BaseDataElement(metainfo=dict(query_labels=(1,))))
        [Question(label=1, text='detect the car')]
    """

    task = 'detection'

    def write(self, sample: BaseDataElement, answers: Iterable[Answer]) -> None:
        """Puts boxes into a data sample.

        Args:
            sample: The data sample; gets ``pred_instances``. ``img_shape`` in its
                metainfo is the size of the network's input without padding, which
                a pipeline with mmcv's ``Pad`` must put back.
            answers: Pictures, one for every question.
        """
        found = []
        for label, picture, network_picture in answers:
            size = sample.metainfo.get('img_shape', network_picture.shape[-2:])
            found.append((*self.codec.read(picture, size), label))
        labels = [torch.full((len(boxes),), label) for boxes, _, label in found]
        instances = InstanceData(
            bboxes=torch.cat([torch.zeros(0, 4), *(boxes for boxes, _, _ in found)]),
            scores=torch.cat([torch.zeros(0), *(scores for _, scores, _ in found)]),
            labels=torch.cat([torch.zeros(0, dtype=torch.long), *labels]),
        )
        sample.set_data(dict(pred_instances=instances))


@TASK_UTILS.register_module()
class ClassificationQueries(Queries):
    """Questions whether a class is there, answered by a color.

    The class of the picture is the one whose answer is nearest to the color for yes, as
    InstructCV's released code compares two answers.

    Example:
        >>> queries = TASK_UTILS.build(dict(
        ...     type='ClassificationQueries', classes=['cat', 'dog'],
        ...     codec=dict(type='AnswerColorCodec')))
        >>> from mmengine.structures import BaseDataElement
        >>> queries.ask(BaseDataElement())[0].text
        'show red if you see the cat, otherwise blue'

    Args:
        colors: Color for yes, and color for no.
        **options: Of `Queries`.
    """

    task = 'classification'

    def __init__(
        self, colors: tuple[str, str] = ('red', 'blue'), **options: object
    ) -> None:
        super().__init__(**options)
        self.colors = colors

    def write(self, sample: BaseDataElement, answers: Iterable[Answer]) -> None:
        """Puts a class into a data sample.

        Args:
            sample: The data sample; gets ``pred_label`` in its metainfo, which is -1
                if nothing was asked.
            answers: Pictures, one for every question.
        """
        away = {
            each.label: distance_to_color(each.network_prediction, self.colors[0])
            for each in answers
        }
        sample.set_metainfo(dict(pred_label=min(away, key=away.get, default=-1)))

    def _instruct(self, name: str) -> str:
        return instruct(self.sentence, name, *self.colors)
