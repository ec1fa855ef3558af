"""Outlines of boxes: drawing them, and finding them in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw

# Smallest score of a box, and smallest share of its outline that is painted and no part
# of better boxes.
_MIN_SUPPORT, _MIN_FRESH = 0.5, 0.25

Range = tuple[tuple[int, int, int], tuple[int, int, int]]


class Paint(NamedTuple):
    """A color of outlines, and the pixels that count as it.

    Ranges are those of OpenCV's hue (0 to 179), saturation and value, both ends
    included. They are InstructCV's released ones.

    Attributes:
        rgb: What is drawn.
        strict: Ranges of the contour reader.
        loose: Ranges of the corner reader.
    """

    rgb: tuple[int, int, int]
    strict: tuple[Range, ...]
    loose: tuple[Range, ...]


PAINTS = dict(
    blue=Paint(
        (0, 0, 255),
        strict=(((100, 130, 50), (125, 255, 255)),),
        loose=(((100, 110, 70), (140, 255, 255)),),
    ),
    red=Paint(
        (255, 0, 0),
        strict=(((0, 120, 66), (8, 255, 255)), ((165, 120, 66), (180, 255, 255))),
        loose=(((0, 90, 90), (10, 255, 255)), ((156, 90, 90), (180, 255, 255))),
    ),
)


def outline_mask(
    boxes: np.ndarray | Sequence, size: tuple[int, int], width: int
) -> np.ndarray:
    """Marks the pixels of outlines, as Pillow draws them.

    Args:
        boxes: Left, top, right and bottom of every box in pixels, shape (N, 4). The
            outline lies inside and includes both ends.
        size: Height and width of the picture.
        width: Of the lines, in pixels.

    Returns:
        Bool, shape (H, W).
    """
    canvas = Image.new('L', size[::-1])
    draw = ImageDraw.Draw(canvas)
    for left, top, right, bottom in np.asarray(boxes, float).reshape(-1, 4).tolist():
        if right >= left and bottom >= top:
            draw.rectangle((left, top, right, bottom), outline=255, width=width)
    return np.asarray(canvas) > 0


def find_paint(picture: np.ndarray, ranges: Sequence[Range]) -> np.ndarray:
    """Marks the pixels of a color.

    Args:
        picture: RGB, shape (H, W, 3), uint8.
        ranges: As in `Paint`.

    Returns:
        255 where the color is, else 0, shape (H, W), uint8.
    """
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    masks = [cv2.inRange(hsv, np.array(low), np.array(high)) for low, high in ranges]
    return np.bitwise_or.reduce(masks)


def read_contours(picture: np.ndarray, paint: Paint, sigma: int = 30) -> np.ndarray:
    """Finds boxes as the outermost contours of a color (InstructCV's first reader).

    A box inside of another is not found, and boxes that cross are one.

    Args:
        picture: RGB, shape (H, W, 3), uint8.
        paint: The color.
        sigma: Standard deviation of the bilateral filter in pixels, which takes most of
            the time: seconds for a picture. InstructCV: 30.

    Returns:
        Boxes in pixels, shape (N, 4), the smallest contour first.
    """
    smooth = cv2.bilateralFilter(cv2.medianBlur(picture, 3), 0, 0, sigma)
    painted = find_paint(smooth, paint.strict) > 0
    gray = cv2.cvtColor(smooth * painted[..., None], cv2.COLOR_RGB2GRAY)
    _, binary = cv2.threshold(gray, 0, 255, cv2.THRESH_OTSU)
    edges = cv2.Canny(binary, 50, 150)
    contours, _ = cv2.findContours(edges, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes = []
    for contour in sorted(contours, key=cv2.contourArea):
        length = cv2.arcLength(contour, True)
        if length >= 10:
            polygon = cv2.approxPolyDP(contour, 0.02 * length, True)
            left, top, width, height = cv2.boundingRect(polygon)
            boxes.append((left, top, left + width, top + height))
    return np.array(boxes, float).reshape(-1, 4)


def find_corners(painted: np.ndarray, run: int) -> tuple[np.ndarray, np.ndarray]:
    """Finds where an outline turns.

    A top left corner begins an unbroken line of ``run`` pixels to the right and one
    downwards; a bottom right corner ends two. No window of half that side in any of its
    four quarters is half full, so that the inside of a thing has none.

    Args:
        painted: Bool, shape (H, W).
        run: Length of the lines in pixels.

    Returns:
        Where top left and bottom right corners are, bool, shape (H, W) each.
    """
    height, width = painted.shape
    half, pad = run // 2, run
    # Sums of rectangles are differences of four corners of the integral image.
    total = cv2.integral(np.pad(painted, pad).astype(np.uint8))

    def count(rows: tuple[int, int], columns: tuple[int, int]) -> np.ndarray:
        """Painted pixels in a window at every pixel."""
        (top, bottom), (left, right) = (
            tuple(pad + side for side in sides) for sides in (rows, columns)
        )

        def at(row: int, column: int) -> np.ndarray:
            return total[row : row + height, column : column + width]

        return at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left)

    forth, back = (0, half), (-half, 0)
    limit = half * half / 2
    thin = np.ones_like(painted)
    for rows in (forth, back):
        for columns in (forth, back):
            thin &= count(rows, columns) < limit
    begins = (count((0, 1), (0, run)) == run) & (count((0, run), (0, 1)) == run)
    ends = (count((0, 1), (-run, 0)) == run) & (count((-run, 0), (0, 1)) == run)
    return begins & thin, ends & thin


def read_corners(picture: np.ndarray, paint: Paint, run: int = 20) -> np.ndarray:
    """Pairs every corner with every later one (InstructCV's second reader).

    Most pairs are no box: three boxes have 6 corners and about 10 pairs.

    Args:
        picture: RGB, shape (H, W, 3), uint8.
        paint: The color.
        run: As for `find_corners`. InstructCV: 20, in pictures of 512.

    Returns:
        Boxes in pixels, shape (N, 4), in the order of their corners.
    """
    closed = _close(find_paint(picture, paint.loose))
    begins, ends = find_corners(closed > 0, run)
    # Both kinds in the order of the pixels, a pixel's top left corner first.
    rows, columns, _ = np.nonzero(np.stack([begins, ends], axis=2))
    points = _thin_out(np.stack([rows, columns], axis=1))
    points = points[np.lexsort((points[:, 1], points[:, 0]))]
    pairs = [
        (first[1], first[0], second[1], second[0])
        for number, first in enumerate(points)
        for second in points[number + 1 :]
        if first[1] < second[1]
    ]
    return np.array(pairs, float).reshape(-1, 4)


def read_supported(
    painted: np.ndarray, width: float | tuple[float, float], run: int = 20
) -> tuple[np.ndarray, np.ndarray]:
    """Finds boxes whose four sides are painted (ours).

    Candidates are the bounding boxes of all contours, of holes too, and all pairs of a
    top left and a bottom right corner. The score of a candidate is the painted share of
    its least painted side, so boxes in boxes and boxes that cross are told apart; below
    0.5 it is no box. Paint counts once: what is made of the sides of better boxes alone
    is left out, such as the overlap of two that cross.

    Args:
        painted: Bool, shape (H, W).
        width: Width of the lines in pixels, or that of the upright ones and that of the
            level ones.
        run: As for `find_corners`.

    Returns:
        Boxes in pixels, shape (N, 4), and their scores in [0.5, 1], shape (N,), best
        first.
    """
    painted = _close(painted.astype(np.uint8))
    widths = np.broadcast_to(width, 2)
    candidates = _contour_boxes(painted, widths)
    begins, ends = (
        _thin_out(np.argwhere(found)) for found in find_corners(painted > 0, run)
    )
    candidates += [
        (left, top, right, bottom)
        for top, left in begins
        for bottom, right in ends
        if right - left > widths[0] and bottom - top > widths[1]
    ]
    boxes = np.array(candidates, float).reshape(-1, 4)
    # Lines that are a little off still support a side.
    reach = np.maximum(1, np.rint(widths / 2)).astype(int)
    thick = cv2.dilate(painted, np.ones(2 * reach[::-1] + 1, np.uint8)) > 0
    scores = np.array([_weakest_side(thick, box) for box in boxes.astype(int)])
    keep: list[int] = []
    # The larger of two that are painted alike: the outer edge of an outline.
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    used = np.zeros(painted.shape, bool)
    for index in np.lexsort((-areas, -scores)):
        if scores[index] < _MIN_SUPPORT:
            break
        outline = outline_mask(boxes[index], painted.shape, 1)
        if (thick & ~used)[outline].mean() >= _MIN_FRESH:
            keep.append(index)
            _use_up(used, boxes[index], np.rint(widths).astype(int) + reach)
    return boxes[keep], scores[keep]


def _contour_boxes(painted: np.ndarray, widths: np.ndarray) -> list[tuple[int, ...]]:
    """Bounding boxes of all contours; those of holes grow by the width of a line."""
    contours, levels = cv2.findContours(
        painted, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE
    )
    height, right_end = painted.shape
    boxes = []
    for number, contour in enumerate(contours):
        is_hole = levels[0, number, 3] >= 0
        across, down = np.rint(widths).astype(int) - 1 if is_hole else (0, 0)
        left, top, columns, rows = cv2.boundingRect(contour)
        box = (
            max(left - across, 0),
            max(top - down, 0),
            min(left + columns - 1 + across, right_end - 1),
            min(top + rows - 1 + down, height - 1),
        )
        if columns > widths[0] and rows > widths[1]:
            boxes.append(box)
    return boxes


def _use_up(used: np.ndarray, box: np.ndarray, reach: np.ndarray) -> None:
    """Marks what lies near the four sides of a box."""
    left, top, right, bottom = box.astype(int)
    across, down = reach
    columns = slice(max(left - across, 0), right + across + 1)
    rows = slice(max(top - down, 0), bottom + down + 1)
    for row in (top, bottom):
        used[max(row - down, 0) : row + down + 1, columns] = True
    for column in (left, right):
        used[rows, max(column - across, 0) : column + across + 1] = True


def _close(mask: np.ndarray) -> np.ndarray:
    return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))


def _thin_out(points: np.ndarray, reach: int = 5) -> np.ndarray:
    """Drops points near an earlier one, until a round drops none.

    As in the released code, the first point of a round goes to the end.
    """
    while len(points) > 1:
        away = np.abs(points[1:] - points[0]).max(axis=1) > reach
        points = np.concatenate([points[1:][away], points[:1]])
        if away.all():
            break
    return points


def _weakest_side(painted: np.ndarray, box: np.ndarray) -> float:
    left, top, right, bottom = box
    sides = (
        painted[top, left : right + 1],
        painted[bottom, left : right + 1],
        painted[top : bottom + 1, left],
        painted[top : bottom + 1, right],
    )
    return min(float(side.mean()) for side in sides)
