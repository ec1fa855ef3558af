"""Metric depth: the distance from the camera's plane, in metres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..scene.camera import Camera
from ..scene.scene_object import SceneObject

if TYPE_CHECKING:
    from ..scene.scene import Scene

# What the sky has: no measurement, as in NYUv2's and KITTI's files.
NO_DEPTH = 0.0
# How far the middle of an object bulges towards the camera, as a share of its width or
# height in metres, whichever is less.
RELIEF = 0.1


def object_depth(camera: Camera, item: SceneObject) -> float:
    """Depth of an object's outline: that of the ground where it stands, in metres."""
    return float(camera.ground_depth(item.ground))


def object_relief(camera: Camera, item: SceneObject) -> float:
    """How much nearer the middle of an object is than its outline, in metres."""
    side = min(item.width, item.height)
    return RELIEF * camera.metres(side, object_depth(camera, item))


def stand_clear(camera: Camera, far: SceneObject, near: SceneObject) -> bool:
    """Whether a nearer object lies wholly before a farther one.

    Args:
        camera: The camera.
        far: The farther object.
        near: The nearer object.

    Returns:
        Whether every point of `near` is nearer than every point of `far`; trivially
        true where their boxes do not meet.
    """
    if far.common_area(near) == 0:
        return True
    front = object_depth(camera, far) - object_relief(camera, far)
    return object_depth(camera, near) < front


def depth_map(scene: Scene, ground: np.ndarray, amodal: np.ndarray) -> np.ndarray:
    """Depth of every pixel.

    The ground is a plane, the wall stands upright where it meets the floor, an object
    stands upright where it touches the ground and bulges like a column.

    Args:
        scene: The scene.
        ground: Where the ground is, objects ignored, ``(H, W)`` bool.
        amodal: Unoccluded masks from far to near, ``(N, H, W)`` bool.

    Returns:
        Metres, ``(H, W)`` float32; `NO_DEPTH` in the sky.
    """
    height, width = ground.shape
    camera, background = scene.background.camera, scene.background
    rows = (np.arange(height) + 0.5) / height
    columns = (np.arange(width) + 0.5) / width
    back = NO_DEPTH
    if background.place == 'indoor':
        back = camera.ground_depth(background.boundary)
    plane = np.full(height, back)
    below = ground.any(1)
    plane[below] = camera.ground_depth(rows[below])
    depth = np.where(ground, plane[:, None], back)
    for item, mask in zip(scene.objects, amodal, strict=True):
        across = (columns - item.x) / (item.width / 2)
        bulge = np.sqrt(np.clip(1.0 - across**2, 0.0, None))
        profile = object_depth(camera, item) - object_relief(camera, item) * bulge
        depth = np.where(mask, profile, depth)
    return depth.astype(np.float32)
