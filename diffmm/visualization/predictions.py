"""Pictures of predictions and annotations, for models of any host."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import matplotlib
import numpy as np
from mmengine.structures import BaseDataElement
from scipy import ndimage

# Side below which a prediction's fault is too small to point at, in pixels.
_MIN_FAULT = 6
_RED = (230, 30, 30)


def draw_labels(
    image: np.ndarray, labels: np.ndarray, palette: Sequence[Sequence[int]]
) -> np.ndarray:
    """Paints a class map over an image.

    Args:
        image: RGB, shape (H, W, 3), uint8.
        labels: Shape (H, W); values that are no class stay black.
        palette: RGB color of every class.

    Returns:
        RGB image, shape (H, W, 3), uint8.
    """
    colors = np.zeros((max(len(palette), int(labels.max()) + 1), 3), np.uint8)
    colors[: len(palette)] = palette
    return cv2.addWeighted(colors[labels.astype(int)], 0.7, image, 0.3, 0)


def color_depth(depth: np.ndarray) -> np.ndarray:
    """Colors relative depth, near things bright.

    Args:
        depth: Shape ``(H, W)``; below 0 counts as 0, above 1 as 1.

    Returns:
        RGB image ``(H, W, 3)``, uint8.
    """
    colors = matplotlib.colormaps['magma_r'](np.clip(depth, 0, 1), bytes=True)
    return np.ascontiguousarray(colors[..., :3])


def draw_depth(depth: np.ndarray, low: float, high: float) -> np.ndarray:
    """Colors a depth map, near things bright.

    Args:
        depth: Shape (H, W); 0 is unknown and stays black.
        low: Depth of the brightest color.
        high: Depth of the darkest.

    Returns:
        RGB image, shape (H, W, 3), uint8.
    """
    colors = color_depth((depth - low) / max(high - low, 1e-6))
    colors[depth <= 0] = 0
    return colors


def draw_boxes(
    image: np.ndarray, instances: BaseDataElement, classes: Sequence[str]
) -> np.ndarray:
    """Draws boxes with the names of their classes.

    Args:
        image: RGB, shape (H, W, 3), uint8.
        instances: ``bboxes`` (N, 4) in pixels of the image, and ``labels`` (N,).
        classes: Names of the classes.

    Returns:
        RGB image, shape (H, W, 3), uint8.
    """
    drawn = image.copy()
    colors = matplotlib.colormaps['tab20'](np.arange(20), bytes=True)[:, :3].tolist()
    # mmdetection wraps the boxes of annotations.
    boxes = getattr(instances.bboxes, 'tensor', instances.bboxes)
    boxes = boxes.cpu().round().int().tolist()
    labels = instances.labels.cpu().tolist()
    for (left, top, right, bottom), label in zip(boxes, labels, strict=True):
        color = colors[label % 20]
        cv2.rectangle(drawn, (left, top), (right, bottom), color, 1, cv2.LINE_AA)
        place = (left + 1, max(top - 2, 8))
        cv2.putText(
            drawn, classes[label], place, cv2.FONT_HERSHEY_SIMPLEX, 0.3, color, 1
        )
    return drawn


def mark_largest(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Draws a red box around the largest region of a mask.

    Args:
        image: RGB, shape (H, W, 3), uint8.
        mask: Shape (H, W), bool.

    Returns:
        RGB image, shape (H, W, 3), uint8; without a box if no region is large.
    """
    regions, count = ndimage.label(mask)
    if not count:
        return image
    sizes = np.bincount(regions.ravel())[1:]
    rows, columns = ndimage.find_objects(regions)[int(sizes.argmax())]
    if min(rows.stop - rows.start, columns.stop - columns.start) < _MIN_FAULT:
        return image
    marked = image.copy()
    corners = (columns.start, rows.start), (columns.stop - 1, rows.stop - 1)
    cv2.rectangle(marked, *corners, _RED, 2)
    return marked


def paint_mask(
    image: np.ndarray,
    mask: np.ndarray,
    color: Sequence[int] = (255, 0, 200),
    opacity: float = 0.5,
) -> np.ndarray:
    """Paints a mask over an image, with its outline.

    Args:
        image: RGB, shape (H, W, 3), uint8.
        mask: Shape (H, W), bool.
        color: RGB.
        opacity: Of the color inside the outline, which is opaque.

    Returns:
        RGB image, shape (H, W, 3), uint8.
    """
    painted = image.copy()
    mixed = (1 - opacity) * image[mask] + opacity * np.array(color)
    painted[mask] = mixed.round().astype(np.uint8)
    outlines, _ = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
    )
    return cv2.drawContours(painted, outlines, -1, tuple(map(int, color)), 1)
