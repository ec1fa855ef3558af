"""One model for several tasks, asked by instruction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import torch
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement
from torch import Tensor

from diffmm.structures import ConditionedImages

from ..data_preprocessors.text_conditioning import read_texts
from .frames import restore_frame
from .instruct_perceptor import InstructPerceptor
from .queries import Answer, Question
from .query_codec import QueryCodec
from .target_codec import TargetCodec

TEXT_KEY = 'instruction'


@MODELS.register_module()
class GeneralistPerceptor(InstructPerceptor):
    """An `InstructPerceptor` that solves the task its instruction names (InstructCV).

    In training every picture has one instruction and the target that belongs to it (see
    ``DrawQuery``). In a test a picture has a task; the model asks about its classes one
    by one, in batches, and makes one prediction of the answers, as the host's metric of
    the task expects it. A picture that comes with an instruction of its own is asked
    that alone.

    Example:
        >>> model = MODELS.build(dict(
        ...     type='GeneralistPerceptor', arch='mini', sampler=dict(steps=2),
        ...     prompt=dict(type='TextPrompt', num_tokens=16),
        ...     tasks=[
        ...         dict(type='DepthQueries', codec=dict(type='MetricDepthCodec')),
        ...         dict(type='DetectionQueries', classes=['car', 'boat'],
        ...              codec=dict(type='BoxOutlineCodec'))]))
        >>> from mmengine.structures import BaseDataElement, PixelData
        >>> sample = BaseDataElement(
        ...     gt_depth_map=PixelData(data=torch.rand(1, 64, 64)),
        ...     metainfo=dict(sample_idx=0, task='depth', instruction='show the depth'))
        >>> list(model(torch.zeros(1, 3, 64, 64), [sample], mode='loss'))
        ['loss_denoising']
        >>> sample = BaseDataElement(metainfo=dict(task='detection'))
        >>> (sample,) = model(torch.zeros(1, 3, 64, 64), [sample], mode='predict')
        >>> sample.pred_instances.bboxes.shape[1]
        4

    Args:
        tasks: Configs of the `Queries` of every task.
        queries_per_batch: Questions about a picture that are answered together.
        **options: Of `InstructPerceptor`, but for the codec.

    Raises:
        ValueError: A task is unknown, or ``queries_per_batch`` is not positive.
    """

    def __init__(
        self,
        tasks: Sequence[Mapping],
        queries_per_batch: int = 8,
        **options: object,
    ) -> None:
        if queries_per_batch < 1:
            raise ValueError(
                f'queries_per_batch must be at least 1, got {queries_per_batch}'
            )
        super().__init__(codec=dict(type='QueryCodec', tasks=tasks), **options)
        self.codec: QueryCodec
        self.queries_per_batch = queries_per_batch

    def loss(
        self, inputs: Tensor, data_samples: Sequence[BaseDataElement]
    ) -> dict[str, Tensor]:
        """Computes the loss of a training step.

        Args:
            inputs: RGB in [-1, 1], shape (B, 3, H, W).
            data_samples: With ``task`` and ``instruction`` in their metainfo.

        Returns:
            As `InstructPerceptor`.
        """
        texts = read_texts(data_samples, len(inputs), TEXT_KEY)
        return super().loss(ConditionedImages(inputs, texts), data_samples)

    @torch.no_grad()
    def predict(
        self, inputs: Tensor, data_samples: Sequence[BaseDataElement] | None = None
    ) -> Sequence[BaseDataElement]:
        """Predicts a batch.

        Args:
            inputs: RGB in [-1, 1], shape (B, 3, H, W).
            data_samples: With ``task`` in their metainfo. With ``instruction``, too,
                the model is asked that; otherwise about the classes of the task.

        Returns:
            The data samples, with the predictions of the task.

        Raises:
            ValueError: There are no data samples, or the task of one is not known.
        """
        if not data_samples:
            raise ValueError(
                'a generalist has to know the task of every picture: give data samples '
                "with 'task' in their metainfo"
            )
        for image, sample in zip(inputs, data_samples, strict=True):
            if TEXT_KEY in sample.metainfo:
                self.follow(image, sample.metainfo[TEXT_KEY], sample)
            else:
                queries = self.codec.queries_of(sample)
                queries.write(sample, self._answer(image, queries.ask(sample), sample))
        return data_samples

    def draw(self, image: Tensor, instructions: Sequence[str]) -> Tensor:
        """Draws what instructions ask of one image, all in one batch.

        Args:
            image: RGB in [-1, 1], shape (3, H, W).
            instructions: Q texts.

        Returns:
            Pictures, shape (Q, 3, H, W).
        """
        images = image[None].expand(len(instructions), -1, -1, -1)
        return self.perceive(ConditionedImages(images, instructions))[0]

    @torch.no_grad()
    def follow(
        self, image: Tensor, instruction: str, sample: BaseDataElement
    ) -> Tensor:
        """Follows one instruction.

        Args:
            image: RGB in [-1, 1], shape (3, H, W).
            instruction: What to do.
            sample: With ``task`` in its metainfo, by which the drawing is read; gets
                what the codec of the task writes.

        Returns:
            The drawing, in the size of the image, shape (3, H', W').
        """
        codec = self.codec.queries_of(sample).codec
        pictures = self.draw(image, [instruction])
        (prediction,) = codec.decode(pictures, self._reference_of(image, codec))
        codec.write(sample, restore_frame(prediction, sample.metainfo), None)
        return restore_frame(pictures[0], sample.metainfo)

    def _reference_of(self, image: Tensor, codec: TargetCodec) -> Tensor | None:
        """The picture that drawings are compared with, shape (1, 3, H, W), or None."""
        return self.reference(image[None], codec)

    def _answer(
        self, image: Tensor, questions: Sequence[Question], sample: BaseDataElement
    ) -> Iterator[Answer]:
        """Yields the answers to questions about one image (3, H, W)."""
        codec = self.codec.queries_of(sample).codec
        reference = self._reference_of(image, codec)
        rest = iter(questions)
        while batch := list(islice(rest, self.queries_per_batch)):
            pictures = self.draw(image, [question.text for question in batch])
            predictions = codec.decode(pictures, reference)
            for question, prediction in zip(batch, predictions, strict=True):
                restored = restore_frame(prediction, sample.metainfo)
                yield Answer(question.label, restored, prediction)
