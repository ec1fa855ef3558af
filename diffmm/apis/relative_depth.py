"""Depth by denoising on plain pictures with a trained perceptor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import torch
from mmengine.structures import BaseDataElement

from diffmm.utils.picture_file import write_picture
from diffmm.visualization.image_grid import draw_image_grid
from diffmm.visualization.predictions import color_depth

from .depth import check_png16
from .image_input import Picture, to_bgr
from .image_predictor import ImagePredictor

UNITS = 65535


@dataclass(frozen=True)
class RelativeDepthImage:
    """A picture with its depth up to scale and shift.

    Attributes:
        image: BGR image ``(H, W, 3)``, uint8.
        depth: Relative depth ``(H, W)``, float32, from 0, near, to 1, far.
        uncertainty: Deviation of an ensemble's members in the same unit, ``(H, W)``;
            None without an ensemble.
    """

    image: np.ndarray
    depth: np.ndarray
    uncertainty: np.ndarray | None = None

    def save_colored(self, path: str | Path) -> None:
        """Writes the colored depth, near things bright, making the file's folder.

        Raises:
            ValueError: If OpenCV cannot write that kind of file.
        """
        write_picture(path, color_depth(self.depth)[..., ::-1])

    def save_uncertainty(self, path: str | Path) -> None:
        """Writes the colored uncertainty, certain things dark.

        Raises:
            ValueError: If there was no ensemble, or as `save_colored`.
        """
        if self.uncertainty is None:
            raise ValueError(
                'one prediction has no uncertainty: predict with an ensemble of '
                'several (in the demo: --ensemble 5)'
            )
        largest = max(float(self.uncertainty.max()), 1e-6)
        colors = matplotlib.colormaps['viridis'](self.uncertainty / largest, bytes=True)
        write_picture(path, colors[..., 2::-1])

    def save_png16(self, path: str | Path, units: float = UNITS) -> None:
        """Writes the depth as a PNG of one 16-bit channel.

        Args:
            path: The file, ending in .png.
            units: Value of the far end, as in Marigold 65535 by default.

        Raises:
            ValueError: If the name ends otherwise, or the value does not fit 16 bits.
        """
        check_png16(path, units, 1.0)
        write_picture(path, np.rint(self.depth * units).astype(np.uint16))


class RelativeDepthPredictor(ImagePredictor):
    """A trained depth perceptor for pictures without annotations.

    Calling it returns a `RelativeDepthImage` for every picture.

    Args:
        config: As for `ImagePredictor`.
        checkpoint: As for `ImagePredictor`.
        device: As for `ImagePredictor`.
        cfg_options: As for `ImagePredictor`.
        steps: Number of denoising steps instead of the config's.
        ensemble: Number of predictions to merge instead of the config's; 1 for none.

    Raises:
        ValueError: The model makes one step, whose predictions are all the same, and
            there are several to merge, or as in `ImagePredictor`.
    """

    def __init__(
        self,
        config: str | Path,
        checkpoint: str | Path,
        device: str = 'cpu',
        cfg_options: dict[str, Any] | None = None,
        steps: int | None = None,
        ensemble: int | None = None,
    ) -> None:
        options = dict(cfg_options or {})
        if steps is not None:
            options['model.sampler.steps'] = steps
        super().__init__(config, checkpoint, device, options)
        if ensemble is not None:
            part = dict(type='DepthEnsemble', size=ensemble)
            self.model.set_ensemble(None if ensemble == 1 else part)

    def to_result(
        self, pixels: np.ndarray, prediction: BaseDataElement
    ) -> RelativeDepthImage:
        """Takes the depth out of a prediction.

        Args:
            pixels: BGR picture ``(H, W, 3)``, uint8.
            prediction: The model's prediction for it.

        Returns:
            The picture with its depth, both of the picture's own size.
        """
        maps = [prediction.pred_depth_map]
        if 'depth_uncertainty' in prediction:
            maps.append(prediction.depth_uncertainty)
        return RelativeDepthImage(
            pixels, *(each.data[0].cpu().numpy() for each in maps)
        )

    @torch.no_grad()
    def draw_steps(self, image: Picture, columns: int | None = None) -> np.ndarray:
        """Draws what the model predicts at every step of denoising.

        Args:
            image: The picture, see `to_bgr`.
            columns: Pictures in a row.

        Returns:
            RGB image: the picture, and under its timestep the clean depth that every
            step predicts, in the frame of the network's input.
        """
        (batch,) = self.preprocess([to_bgr(image)])
        batch.pop('pixels')
        inputs = self.model.data_preprocessor(batch)['inputs']
        pixels = (inputs[0] * 127.5 + 127.5).round().clamp(0, 255).byte()
        drawings = [pixels.permute(1, 2, 0).cpu().numpy()]
        titles = ['the picture']
        for step in self.model.denoising_steps(inputs):
            depth = self.model.read(step.clean[:1], inputs.shape[-2:])
            drawings.append(color_depth(depth[0, 0].cpu().numpy()))
            titles.append(f't = {step.timestep:g}')
        return draw_image_grid(drawings, titles, columns)
