"""The surface on which one object is drawn."""

from __future__ import annotations

import cv2
import numpy as np

from ..scenes.pose import Point

Color = tuple[int, int, int]

# Objects are drawn four times larger without anti-aliasing and then averaged, so that
# colors and coverage blend alike. Before averaging, every color is still exact.
SUPERSAMPLING = 4
# Fractional bits of OpenCV's coordinates (1/16 of a supersampled pixel).
SHIFT = 4


class Canvas:
    """A patch with the object's own coordinates: x to the right, y up, feet at (0, 0).

    One unit is the object's height.

    Args:
        width: Width of the patch in pixels of the picture.
        height: Height of the patch in pixels of the picture.
        origin: Where (0, 0) lies in the patch, ``(x, y)`` in pixels, y down.
        unit: Pixels per unit.
        mirrored: Whether x points to the left.
    """

    def __init__(
        self,
        width: int,
        height: int,
        origin: Point,
        unit: float,
        mirrored: bool = False,
    ) -> None:
        self.patch = np.zeros(
            (height * SUPERSAMPLING, width * SUPERSAMPLING, 4), np.uint8
        )
        self._unit = unit * SUPERSAMPLING
        self._x = origin[0] * SUPERSAMPLING
        self._y = origin[1] * SUPERSAMPLING
        self._sign = -1.0 if mirrored else 1.0

    def polygon(self, points: list[Point], color: Color) -> None:
        """Fills a simple polygon."""
        corners = np.array([self._fixed(point) for point in points], np.int32)
        cv2.fillPoly(self.patch, [corners], (*color, 255), cv2.LINE_8, SHIFT)

    def rectangle(self, lower_left: Point, upper_right: Point, color: Color) -> None:
        """Fills an upright rectangle."""
        (left, bottom), (right, top) = lower_left, upper_right
        self.polygon(
            [(left, bottom), (right, bottom), (right, top), (left, top)], color
        )

    def ellipse(
        self,
        center: Point,
        radii: Point,
        color: Color,
        angle: float = 0.0,
        arc: Point = (0.0, 360.0),
    ) -> None:
        """Fills an ellipse or a slice of it.

        Args:
            center: Center.
            radii: Half axes.
            color: RGB.
            angle: Counter-clockwise rotation in degrees.
            arc: First and last angle of the slice, counter-clockwise, in degrees.
        """
        axes = (self._length(radii[0]), self._length(radii[1]))
        start, end = -arc[1], -arc[0]
        if self._sign < 0:
            start, end = 180.0 + arc[0], 180.0 + arc[1]
        cv2.ellipse(
            self.patch,
            self._fixed(center),
            axes,
            -angle * self._sign,
            start,
            end,
            (*color, 255),
            cv2.FILLED,
            cv2.LINE_8,
            SHIFT,
        )

    def circle(self, center: Point, radius: float, color: Color) -> None:
        """Fills a circle."""
        self.ellipse(center, (radius, radius), color)

    def line(
        self,
        points: list[Point],
        width: float,
        color: Color,
        thinnest: float = 0.0,
    ) -> None:
        """Draws a polyline with round ends.

        Args:
            points: Its corners.
            width: Width in units.
            color: RGB.
            thinnest: Least width in pixels of the picture.
        """
        corners = np.array([self._fixed(point) for point in points], np.int32)
        thickness = max(1, round(width * self._unit), round(thinnest * SUPERSAMPLING))
        cv2.polylines(
            self.patch,
            [corners],
            False,
            (*color, 255),
            thickness,
            cv2.LINE_8,
            SHIFT,
        )

    def recolor(self, old: Color, new: Color, where: np.ndarray) -> None:
        """Replaces one exact color with another.

        Args:
            old: RGB.
            new: RGB.
            where: Boolean map of the supersampled patch.
        """
        pixels = packed(self.patch)
        before, after = packed(np.array([(*old, 255), (*new, 255)], np.uint8))
        pixels[(pixels == before) & where] = after

    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates of the supersampled pixels: x ``(1, W)`` and y ``(H, 1)``."""
        height, width = self.patch.shape[:2]
        x = (np.arange(width, dtype=np.float32) + 0.5 - self._x) / self._unit
        y = (self._y - np.arange(height, dtype=np.float32) - 0.5) / self._unit
        return self._sign * x[None, :], y[:, None]

    def finish(self) -> np.ndarray:
        """The patch at picture size: premultiplied RGBA, ``(H, W, 4)`` uint8."""
        height, width = self.patch.shape[:2]
        size = (width // SUPERSAMPLING, height // SUPERSAMPLING)
        return cv2.resize(self.patch, size, interpolation=cv2.INTER_AREA)

    def _fixed(self, point: Point) -> tuple[int, int]:
        # Integer coordinates are centers of pixels in OpenCV, and corners here.
        x = self._x + self._sign * point[0] * self._unit - 0.5
        y = self._y - point[1] * self._unit - 0.5
        return round(x * (1 << SHIFT)), round(y * (1 << SHIFT))

    def _length(self, length: float) -> int:
        return round(length * self._unit * (1 << SHIFT))


def packed(patch: np.ndarray) -> np.ndarray:
    """Views every pixel as one number, which is compared faster than four.

    Args:
        patch: Contiguous RGBA, ``(..., 4)`` uint8.

    Returns:
        ``(...)`` uint32, of the same memory.
    """
    return patch.view(np.uint32)[..., 0]
