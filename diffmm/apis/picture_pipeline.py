"""The test pipeline of a config, for pictures without annotations."""

from __future__ import annotations

from typing import Any

from mmengine.dataset import Compose

from diffmm.models.backbones.images import MIN_SIDE

from .image_input import Picture, to_bgr


class PicturePipeline(Compose):
    """A test pipeline that starts from a picture, and reads no annotations.

    Args:
        steps: Configs of the transforms: the first one loads the picture, others that
            load something are left out.
    """

    def __init__(self, steps: list[dict]) -> None:
        first, *rest = steps
        rest = [step for step in rest if not step['type'].startswith('Load')]
        super().__init__([dict(first, type='LoadImageFromNDArray'), *rest])

    def prepare(self, picture: Picture, **keys: Any) -> dict:
        """Runs the pipeline.

        Args:
            picture: The picture, see `to_bgr`.
            **keys: What the transforms find beside it, such as a text.

        Returns:
            What the pipeline makes of it, ``inputs`` and ``data_samples``, and the
            picture itself as ``pixels``, a BGR array (H, W, 3), uint8.

        Raises:
            ValueError: The picture is damaged or unclear; or it is too small, which the
                message blames on the file or on a transform.
        """
        pixels = to_bgr(picture)
        results = dict(img=pixels, **keys)
        own = pixels.shape[:2]
        _check_side(own, own, 'already in the file')
        for step in self.transforms:
            results = step(results)
            if 'img' in results:
                side = results['img'].shape[:2]
                _check_side(side, own, f'by this step: {_step_name(step)}')
        item = {key: results[key] for key in ('inputs', 'data_samples')}
        return item | dict(pixels=pixels)


def _step_name(step: Any) -> str:
    """The text of a step with its settings; some of mmseg's have none."""
    text = repr(step)
    return type(step).__name__ if text.startswith('<') else text


def _check_side(side: tuple[int, int], own: tuple[int, int], cause: str) -> None:
    if min(side) < MIN_SIDE:
        raise ValueError(
            f'the picture of {own[0]}x{own[1]} pixels is too small for the backbone: '
            f'{side[0]}x{side[1]}, {cause}. Both sides need {MIN_SIDE} pixels; crop a '
            'long picture into parts, or enlarge the scale of the step with '
            'cfg_options (in the demo: --cfg-options)'
        )
