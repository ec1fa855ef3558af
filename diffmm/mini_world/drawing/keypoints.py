"""COCO's keypoints of the persons of a scene."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..scene.pose import KEYPOINTS, person_joints
from ..scene.scene_object import SceneObject

if TYPE_CHECKING:
    from ..scene.scene import Scene

# COCO's flags.
ABSENT, OCCLUDED, SEEN = 0, 1, 2


def joint_positions(item: SceneObject, size: int) -> np.ndarray:
    """Where the joints of a person are, also outside of the picture.

    Args:
        item: A person.
        size: Side of the picture in pixels.

    Returns:
        x and y of the keypoints in COCO's order, ``(17, 2)`` float64, in pixels; the
        first pixel's centre is (0.5, 0.5).
    """
    joints = person_joints(item.variation)
    if item.mirrored:
        # Reflected, the left hand becomes the right one of a person facing the viewer.
        joints = {_other_side(name): (-x, y) for name, (x, y) in joints.items()}
    points = np.array([joints[name] for name in KEYPOINTS])
    foot = np.array([item.x, item.ground])
    return size * (foot + item.height * points * [1.0, -1.0])


def scene_keypoints(
    scene: Scene, visible: np.ndarray, amodal: np.ndarray
) -> dict[int, np.ndarray]:
    """Keypoints of every person.

    A point outside the picture is absent. Another one is seen if the person is what
    its pixel shows. Where a thin limb covers too little of that pixel to own it, the
    pixels around it decide.

    Args:
        scene: The scene.
        visible: Visible masks, ``(N, H, W)`` bool.
        amodal: Unoccluded masks, ``(N, H, W)`` bool.

    Returns:
        By the object's index: x, y in pixels and COCO's flag (0 absent, with x and y
        zero; 1 occluded; 2 seen), ``(17, 3)`` float32.
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
