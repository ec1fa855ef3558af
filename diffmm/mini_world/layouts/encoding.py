"""Contents of files: pictures, class maps, depth maps, lists, JSON."""

from __future__ import annotations

import io
import json
from typing import Any

import cv2
import numpy as np
from PIL import Image

from ..classes import ADE20K_INDEX
from ..drawing.rendered_scene import RenderedScene

JPEG_QUALITY = 95
PNG_COMPRESSION = 3


def jpeg(image: np.ndarray) -> bytes:
    """Encodes an RGB picture, ``(H, W, 3)`` uint8."""
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    return cv2.imencode('.jpg', image[..., ::-1], options)[1].tobytes()


def png(image: np.ndarray) -> bytes:
    """Encodes an RGB picture, or a map ``(H, W)`` of uint8 or uint16."""
    options = [cv2.IMWRITE_PNG_COMPRESSION, PNG_COMPRESSION]
    pixels = image[..., ::-1] if image.ndim == 3 else image
    return cv2.imencode('.png', pixels, options)[1].tobytes()


def palette_png(labels: np.ndarray, palette: np.ndarray) -> bytes:
    """Encodes a class map as a PNG file of mode P, as Pascal VOC does.

    Args:
        labels: Index of every pixel, ``(H, W)`` uint8.
        palette: RGB of every index, ``(256, 3)`` uint8.
    """
    image = Image.fromarray(labels)
    image.putpalette(palette.tobytes())
    stream = io.BytesIO()
    image.save(stream, 'PNG', compress_level=PNG_COMPRESSION)
    return stream.getvalue()


def depth_png(depth: np.ndarray, scale: float) -> bytes:
    """Encodes metric depth as a PNG file of uint16.

    Args:
        depth: Meters, ``(H, W)`` float; zero or not finite if unknown.
        scale: Units per meter: 1000 for NYUv2 (millimeters), 256 for KITTI.

    Returns:
        The file. Unknown depth, and depth beyond the range of uint16, is zero.
    """
    units = np.round(np.nan_to_num(depth.astype(np.float64), posinf=0.0) * scale)
    units[(units < 0) | (units > np.iinfo(np.uint16).max)] = 0
    return png(units.astype(np.uint16))


def json_bytes(content: Any, indent: int | None = None) -> bytes:
    """Encodes JSON; equal contents give equal bytes."""
    return (json.dumps(content, indent=indent) + '\n').encode()


def lines(rows: list[str]) -> bytes:
    """Encodes a text file, one row per line."""
    return ''.join(f'{row}\n' for row in rows).encode()


def label_map(
    rendered: RenderedScene,
    labels: dict[str, int],
    other: int,
    dtype: type = np.uint8,
) -> np.ndarray:
    """Makes a class map with the labels of a data set.

    Args:
        rendered: The scene.
        labels: Labels by class of the mini world.
        other: Label of all other classes.
        dtype: Type of a label.

    Returns:
        ``(H, W)`` of that type.
    """
    table = np.full(256, other, dtype)
    for name, label in labels.items():
        table[ADE20K_INDEX[name]] = label
    return table[rendered.ade20k_index]
