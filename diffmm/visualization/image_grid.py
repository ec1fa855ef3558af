"""Captioned images side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import chain

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# A power of two, so that pixels / dpi * dpi gives the same whole number of pixels.
_DPI = 128
_POINTS_PER_INCH = 72
_CAPTION_LINES = 2
_LINE_HEIGHT = 1.3
# Mean width of a letter of matplotlib's default font, relative to the font's size.
_LETTER_WIDTH = 0.62


def draw_image_grid(
    images: Sequence[np.ndarray], captions: Sequence[str], columns: int | None = None
) -> np.ndarray:
    """Places images of one size in rows, each with a caption above it.

    The images' pixels are copied unchanged. Captions have up to two lines; they are
    wrapped and shortened to fit.

    Args:
        images: RGB images, ``(H, W, 3)`` uint8 each.
        captions: One text per image.
        columns: Images in a row; None takes about as many columns as rows.

    Returns:
        RGB image, uint8.

    Raises:
        ValueError: If there is no image, their sizes differ, the number of captions is
            not theirs, or ``columns`` is not positive.
    """
    _check(images, captions, columns)
    columns = columns or int(np.ceil(np.sqrt(len(images))))
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    height, width = images[0].shape[:2]
    font = float(np.clip(width / 16, 8, 20))
    strip = int(np.ceil(_CAPTION_LINES * _LINE_HEIGHT * font)) + 2

    total_height, total_width = rows * (strip + height), columns * width
    figure = Figure(figsize=(total_width / _DPI, total_height / _DPI), dpi=_DPI)
    canvas = FigureCanvasAgg(figure)
    for index, (image, caption) in enumerate(zip(images, captions, strict=True)):
        row, column = divmod(index, columns)
        # Matplotlib measures from the lower left corner.
        bottom = total_height - (row + 1) * (strip + height)
        figure.figimage(image, column * width, bottom, origin='upper')
        figure.text(
            (column + 0.5) * width / total_width,
            (bottom + height + strip / 2) / total_height,
            _fit(caption, width, font),
            size=font * _POINTS_PER_INCH / _DPI,
            ha='center',
            va='center',
            parse_math=False,
        )
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _fit(caption: str, width: int, font: float) -> str:
    letters = max(4, int(width / (font * _LETTER_WIDTH)))
    lines = caption.splitlines()[:_CAPTION_LINES]
    share = _CAPTION_LINES // max(1, len(lines))
    fitted = (
        textwrap.wrap(line, letters, max_lines=share, placeholder='…') for line in lines
    )
    return '\n'.join(chain.from_iterable(fitted))


def _check(
    images: Sequence[np.ndarray], captions: Sequence[str], columns: int | None
) -> None:
    if not images:
        raise ValueError('a grid needs at least one image, but got none')
    if len(images) != len(captions):
        raise ValueError(f'got {len(images)} images, but {len(captions)} captions')
    if columns is not None and columns < 1:
        raise ValueError(f'columns must be at least 1, but got {columns}')
    shapes = {image.shape for image in images}
    types = {image.dtype for image in images}
    (shape, *others) = shapes
    if others or len(shape) != 3 or shape[2] != 3 or types != {np.dtype(np.uint8)}:
        raise ValueError(
            'images must all be (H, W, 3) uint8 of one size, but got shapes '
            f'{sorted(shapes)} and types {sorted(map(str, types))}'
        )
