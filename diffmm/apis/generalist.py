"""Depth, masks, boxes and answers of one model that is asked by instruction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.structures import BaseDataElement

from diffmm.models.perceptors import GeneralistPerceptor
from diffmm.models.perceptors.unit_pixels import to_uint8
from diffmm.utils.picture_file import write_picture
from diffmm.visualization.image_grid import draw_image_grid

from .image_input import Picture
from .image_predictor import ImagePredictor


@dataclass(frozen=True)
class GeneralistAnswer:
    """A picture, an instruction, and what the model drew.

    Attributes:
        image: BGR picture ``(H, W, 3)``, uint8.
        instruction: The instruction.
        drawing: What the model drew, RGB ``(H, W, 3)``, uint8, in the picture's size.
        sample: What was read from the drawing, a data sample of the host:
            ``pred_depth_map`` in meters, ``pred_sem_seg``, ``pred_instances`` or, in
            the metainfo, ``pred_answer``.
    """

    image: np.ndarray
    instruction: str
    drawing: np.ndarray
    sample: BaseDataElement

    def describe(self) -> str:
        """Returns one line that says what was read."""
        sample = self.sample
        if 'pred_depth_map' in sample:
            depth = sample.pred_depth_map.data
            return f'{depth.min():.2f} m to {depth.max():.2f} m'
        if 'pred_sem_seg' in sample:
            return f'{(sample.pred_sem_seg.data == 1).float().mean():.2%} of the image'
        if 'pred_instances' in sample:
            found = sample.pred_instances
            boxes = [
                f'{[round(side) for side in box.tolist()]} ({score:.2f})'
                for box, score in zip(found.bboxes, found.scores, strict=True)
            ]
            return f'{len(boxes)} boxes: {", ".join(boxes)}' if boxes else 'no box'
        return sample.metainfo['pred_answer']

    def draw(self) -> np.ndarray:
        """Places picture and drawing side by side, RGB uint8."""
        images = [self.image[..., ::-1], self.drawing]
        return draw_image_grid(images, ['the picture', self.instruction], columns=2)

    def save_drawing(self, path: str | Path) -> None:
        """Writes picture and drawing to an image file, making its folder."""
        write_picture(path, self.draw()[..., ::-1])


class GeneralistPredictor(ImagePredictor):
    """A trained `GeneralistPerceptor` on pictures without annotations.

    Args:
        config: As for `ImagePredictor`.
        checkpoint: As for `ImagePredictor`.
        device: As for `ImagePredictor`.
        cfg_options: As for `ImagePredictor`.

    Raises:
        ValueError: The config's model is no `GeneralistPerceptor`, or as
            `ImagePredictor`.
    """

    model: GeneralistPerceptor

    def __init__(
        self,
        config: str | Path,
        checkpoint: str | Path,
        device: str = 'cpu',
        cfg_options: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(config, checkpoint, device, cfg_options)
        if not isinstance(self.model, GeneralistPerceptor):
            raise ValueError(
                f'the model of {config} is a {type(self.model).__name__}, which knows '
                'one task; give the config of a GeneralistPerceptor'
            )

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of the tasks that the model knows."""
        return tuple(self.model.codec.tasks)

    def ask(self, image: Picture, instruction: str, task: str) -> GeneralistAnswer:
        """Follows one instruction.

        Args:
            image: The picture, see `to_bgr`.
            instruction: What to do, such as ``'detect the car'``.
            task: One of `tasks`, by which the drawing is read.

        Returns:
            What the model drew, and what was read from it.

        Raises:
            ValueError: The instruction is empty, or the task is not known.
        """
        if not instruction.strip():
            raise ValueError('the instruction is empty: say what to do')
        pixels, inputs, sample = self._load(image, task)
        drawing = self.model.follow(inputs, instruction, sample)
        return GeneralistAnswer(pixels, instruction, to_uint8(drawing), sample)

    def perceive(self, image: Picture, task: str) -> BaseDataElement:
        """Asks about every class of a task, one after the other.

        Args:
            image: The picture, see `to_bgr`.
            task: One of `tasks`.

        Returns:
            The data sample of the host, with its prediction.

        Raises:
            ValueError: The task is not known.
        """
        _, inputs, sample = self._load(image, task)
        return self.model.predict(inputs[None], [sample])[0]

    def _load(self, image: Picture, task: str) -> tuple:
        """BGR pixels, the model's input (3, H, W), and the data sample."""
        if task not in self.tasks:
            raise ValueError(f'task must be one of {self.tasks}, got {task!r}')
        (batch,) = self.preprocess([image])
        (pixels,) = batch.pop('pixels')
        data = self.model.data_preprocessor(batch)
        (sample,) = data['data_samples']
        sample.set_metainfo(dict(task=task))
        return pixels, data['inputs'][0], sample

    def _init_pipeline(self, cfg: Config) -> Compose:
        """As in the base class, but the task is said later."""
        pipeline = super()._init_pipeline(cfg)
        pipeline.transforms = [
            step for step in pipeline.transforms if type(step).__name__ != 'NameTask'
        ]
        return pipeline
