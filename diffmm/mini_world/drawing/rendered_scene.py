"""A drawn scene with its annotations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from ..classes import ADE20K_INDEX
from ..scenes.scene import Scene
from .annotations import depth_map, scene_keypoints
from .line_art import draw_lines, draw_object_lines

# Margin around an object in its crop, as a share of the box's larger side.
CROP_MARGIN = 0.12


@dataclass(frozen=True)
class RenderedScene:
    """A scene, its picture and its masks; everything else is computed on first use.

    Attributes:
        scene: The scene, objects from far to near.
        image: RGB by day, ``(H, W, 3)`` uint8.
        ground: Mask of the ground, objects ignored, ``(H, W)`` bool.
        amodal: Each object's mask as if nothing stood before it, ``(N, H, W)`` bool,
            in the order of `scene.objects`.
    """

    scene: Scene
    image: np.ndarray
    ground: np.ndarray
    amodal: np.ndarray

    @cached_property
    def instances(self) -> np.ndarray:
        """Index of the object that a pixel shows, -1 for none, ``(H, W)`` int8."""
        owner = np.full(self.ground.shape, -1, np.int8)
        for index, mask in enumerate(self.amodal):
            owner[mask] = index
        return owner

    @cached_property
    def visible(self) -> np.ndarray:
        """Mask of the part of each object that is seen, ``(N, H, W)`` bool."""
        indices = np.arange(len(self.amodal), dtype=np.int8)
        return self.instances[None] == indices[:, None, None]

    @cached_property
    def ade20k_index(self) -> np.ndarray:
        """Class of every pixel among ADE20K's 150, ``(H, W)`` uint8."""
        background = self.scene.background
        classes = np.where(
            self.ground,
            np.uint8(ADE20K_INDEX[background.ground_class]),
            np.uint8(ADE20K_INDEX[background.back_class]),
        )
        for item, mask in zip(self.scene.objects, self.amodal, strict=True):
            classes[mask] = ADE20K_INDEX[item.name]
        return classes

    @cached_property
    def boxes(self) -> np.ndarray:
        """Boxes of the visible masks, ``(N, 4)`` float32: left, top, right, bottom.

        Edges of pixels are counted: a mask of the first pixel only has the box
        (0, 0, 1, 1).
        """
        boxes = np.zeros((len(self.amodal), 4), np.float32)
        for box, mask in zip(boxes, self.visible, strict=True):
            x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
            box[:] = x, y, x + width, y + height
        return boxes

    @cached_property
    def depth(self) -> np.ndarray:
        """Meters from the camera's plane, ``(H, W)`` float32; the sky has 0."""
        return depth_map(self.scene, self.ground, self.amodal)

    @cached_property
    def keypoints(self) -> dict[int, np.ndarray]:
        """COCO's keypoints of each person by its index, ``(17, 3)`` float32.

        x and y in pixels (the first pixel's center is (0.5, 0.5)), and COCO's flag: 0
        outside of the picture (x and y are then 0), 1 occluded, 2 seen.
        """
        return scene_keypoints(self.scene, self.visible, self.amodal)

    @cached_property
    def sketch(self) -> np.ndarray:
        """Line drawing of the scene, black on white, ``(H, W)`` uint8."""
        return draw_lines(self.scene, self.ground)

    def object_sketch(self, index: int, size: int | None = None) -> np.ndarray:
        """Line drawing of one object, whole, alone and centered.

        Args:
            index: Index into `scene.objects`.
            size: Side of the drawing in pixels; the picture's by default.

        Returns:
            Black on white, ``(size, size)`` uint8.
        """
        side = size or self.image.shape[0]
        if (index, side) not in self._sketches:
            item, seed = self.scene.objects[index], self.scene.background.seed + index
            self._sketches[index, side] = draw_object_lines(item, side, seed)
        return self._sketches[index, side]

    @cached_property
    def _sketches(self) -> dict[tuple[int, int], np.ndarray]:
        """Drawings of `object_sketch`, which take long, for several layouts."""
        return {}

    def object_crop(self, index: int, size: int | None = None) -> np.ndarray:
        """Square part of the picture around the visible part of one object.

        Args:
            index: Index into `scene.objects`.
            size: Side of the crop in pixels; the picture's by default.

        Returns:
            RGB, ``(size, size, 3)`` uint8. Beyond the picture, its edge is repeated.
        """
        left, top, right, bottom = self.boxes[index]
        side = max(right - left, bottom - top) * (1 + 2 * CROP_MARGIN)
        out = size or self.image.shape[0]
        zoom = out / side
        x, y = (left + right - side) / 2, (top + bottom - side) / 2
        # Integer coordinates of OpenCV are centers of pixels, not corners.
        move = np.array(
            [
                [zoom, 0, zoom * (0.5 - x) - 0.5],
                [0, zoom, zoom * (0.5 - y) - 0.5],
            ]
        )
        return cv2.warpAffine(
            self.image,
            move,
            (out, out),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
