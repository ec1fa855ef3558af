"""From a network's input back to an image."""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn


def restore_image(
    inputs: Tensor, data_preprocessor: nn.Module, size: tuple[int, int]
) -> np.ndarray:
    """Undo the normalization and the padding of one preprocessed image.

    Works without the image's file, and after any resizing of the test pipeline. The
    preprocessor is expected to deliver RGB (``bgr_to_rgb=True`` for images read by
    OpenCV), as Stable Diffusion needs it, and to pad at the right and at the bottom,
    as those of mmseg, mmdet, mmpose and MMEngine do.

    Args:
        inputs: Preprocessed image, ``(3, H, W)``.
        data_preprocessor: The module that made it; its buffers ``mean`` and ``std``
            (in units of 0..255) are undone where it has them.
        size: Height and width before padding.

    Returns:
        RGB image, ``(*size, 3)`` uint8.
    """
    image = inputs.detach().float()
    mean = getattr(data_preprocessor, 'mean', None)
    if mean is not None:
        image = image * data_preprocessor.std.to(image) + mean.to(image)
    image = image[:, : size[0], : size[1]].round().clamp(0, 255)
    return np.ascontiguousarray(image.permute(1, 2, 0).byte().cpu().numpy())
