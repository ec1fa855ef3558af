"""The questions of a generalist about a picture, and its reading of the answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement
from torch import Tensor

from diffmm.utils.class_names import BACKGROUND, resolve_class_names
from diffmm.utils.instructions import INSTRUCTIONS, instruct

from .target_codec import TargetCodec, picture_name


class Question(NamedTuple):
    """One instruction about a picture.

    Attributes:
        label: The class, None where a task has none.
        text: The instruction.
    """

    label: int | None
    text: str


class Answer(NamedTuple):
    """The codec's reading of the picture that a question was answered with.

    Attributes:
        label: The class, as in the question.
        prediction: In the size of the image, shape (C, H, W).
        network_prediction: In the size of the network's input, shape (C, h, w).
    """

    label: int | None
    prediction: Tensor
    network_prediction: Tensor


class Queries(ABC):
    """Base class: the queries of one task.

    In a test the model asks about every class, one at a time, and the answers become
    one prediction of the host. ``query_labels`` in the metainfo of a data sample names
    fewer classes (see ``NameTask``).

    Args:
        codec: Config of the codec that draws the answers.
        dataset: Registered name of a data set class whose ``METAINFO`` has ``classes``.
        classes: The class names themselves, in the order of the labels.
        sentence: What a test asks, with ``{name}`` for the class; the plain sentence of
            the task by default, which training draws as often as the others.
        name: What ``task`` of a data sample says; the task itself by default. Two data
            sets of one task need two names.

    Raises:
        ValueError: No class names are known.
    """

    task: str

    def __init__(
        self,
        codec: Mapping,
        dataset: str | None = None,
        classes: Sequence[str] | None = None,
        sentence: str | None = None,
        name: str | None = None,
    ) -> None:
        self.name = name or self.task
        self.codec: TargetCodec = TASK_UTILS.build(codec)
        self.classes = self._resolve(dataset, classes)
        self.sentence = sentence or INSTRUCTIONS[self.task][0]

    def ask(self, sample: BaseDataElement) -> list[Question]:
        """Lists the questions about a picture.

        Args:
            sample: Its data sample.

        Returns:
            One for every class, without the background.

        Raises:
            ValueError: A label of ``query_labels`` is no class.
        """
        chosen = sample.metainfo.get('query_labels', range(len(self.classes)))
        if chosen and not 0 <= min(chosen) <= max(chosen) < len(self.classes):
            raise ValueError(
                f'query_labels {tuple(chosen)} of {picture_name(sample)} '
                f'are no labels of the {len(self.classes)} classes of {self.task}'
            )
        return [
            Question(label, self._instruct(self.classes[label]))
            for label in chosen
            if self.classes[label] != BACKGROUND
        ]

    @abstractmethod
    def write(self, sample: BaseDataElement, answers: Iterable[Answer]) -> None:
        """Puts the answers into a data sample, as the host's metric expects them.

        Args:
            sample: The data sample of the picture.
            answers: One for every question.
        """

    def _resolve(
        self, dataset: str | None, classes: Sequence[str] | None
    ) -> tuple[str, ...]:
        return resolve_class_names(dataset, classes)

    def _instruct(self, name: str) -> str:
        return instruct(self.sentence, name=name)
