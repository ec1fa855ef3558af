"""Metric depth and COCO's keypoints of a scene."""

from __future__ import annotations

import math

import numpy as np

from ..scenes.pose import KEYPOINTS, person_joints
from ..scenes.scene import Scene, SceneObject, object_depth, object_relief

# Depth of the sky: no measurement, as in NYUv2's and KITTI's files.
NO_DEPTH = 0.0
# COCO's flags.
ABSENT, OCCLUDED, SEEN = 0, 1, 2


def depth_map(scene: Scene, ground: np.ndarray, amodal: np.ndarray) -> np.ndarray:
    """Distance of every pixel from the camera's plane.

    The ground is a plane. The wall stands upright where it meets the floor. An object
    stands upright where it touches the ground, and bulges like a column.

    Args:
        scene: The scene.
        ground: Mask of the ground, objects ignored, ``(H, W)`` bool.
        amodal: Unoccluded masks from far to near, ``(N, H, W)`` bool.

    Returns:
        Meters, ``(H, W)`` float32; `NO_DEPTH` in the sky.
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


def joint_positions(item: SceneObject, size: int) -> np.ndarray:
    """Positions of the joints of a person, also outside of the picture.

    Args:
        item: A person.
        size: Side of the picture in pixels.

    Returns:
        x and y of the keypoints in COCO's order, ``(17, 2)`` float64, in pixels; the
        first pixel's center is (0.5, 0.5).
    """
    joints = person_joints(item.variation)
    if item.mirrored:
        # A reflected left hand looks like a right one.
        joints = {_other_side(name): (-x, y) for name, (x, y) in joints.items()}
    points = np.array([joints[name] for name in KEYPOINTS])
    foot = np.array([item.x, item.ground])
    return size * (foot + item.height * points * [1.0, -1.0])


def scene_keypoints(
    scene: Scene, visible: np.ndarray, amodal: np.ndarray
) -> dict[int, np.ndarray]:
    """Keypoints of every person.

    A point outside of the picture is absent. Any other one is seen if its pixel shows
    the person. If a thin limb covers too little of that pixel, the pixels around it
    decide.

    Args:
        scene: The scene.
        visible: Visible masks, ``(N, H, W)`` bool.
        amodal: Unoccluded masks, ``(N, H, W)`` bool.

    Returns:
        By the object's index: x, y in pixels and COCO's flag, ``(17, 3)`` float32. The
        flag is 0 (absent, x and y are zero), 1 (occluded) or 2 (seen).
    """
    found = {}
    for index, item in enumerate(scene.objects):
        if item.name == 'person':
            positions = joint_positions(item, amodal.shape[-1])
            found[index] = np.array(
                [_flagged(point, visible[index], amodal[index]) for point in positions],
                np.float32,
            )
    return found


def _flagged(
    point: np.ndarray, visible: np.ndarray, amodal: np.ndarray
) -> tuple[float, float, int]:
    x, y = math.floor(point[0]), math.floor(point[1])
    height, width = amodal.shape
    if not (0 <= x < width and 0 <= y < height):
        return 0.0, 0.0, ABSENT
    if amodal[y, x]:
        seen = visible[y, x]
    else:
        seen = visible[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].any()
    return point[0], point[1], SEEN if seen else OCCLUDED


def _other_side(name: str) -> str:
    side, _, joint = name.partition('_')
    return {'left': f'right_{joint}', 'right': f'left_{joint}'}.get(side, name)
