# Needs mmsegmentation.
"""Depth estimation on plain images with a trained model."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .depth_image import DepthImage
from .image_predictor import ImagePredictor


class DepthPredictor(ImagePredictor):
    """A trained depth estimator, ready for images without annotations.

    Arguments are those of `ImagePredictor`.
    """

    def __call__(
        self, image: str | Path | np.ndarray, text: str | None = None
    ) -> DepthImage:
        """Estimate the depth of one image.

        Args:
            image: An image file, or a BGR array ``(H, W, 3)``, uint8.
            text: Name of the scene, for a model that is prompted with it (VPD):
                ``'kitchen'``.

        Returns:
            The image with its depth, both of the image's own size.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: As `ImagePredictor.predict`, and if the scene is unknown.
        """
        pixels, prediction = self.predict(image, text)
        return DepthImage(pixels, prediction.pred_depth_map.data[0].cpu().numpy())
