"""Poses of a person."""

from __future__ import annotations

import math

Point = tuple[float, float]

SHOULDER, HIP = 0.79, 0.47
UPPER_ARM, LOWER_ARM = 0.165, 0.15
UPPER_LEG, LOWER_LEG = 0.215, 0.205

# COCO's keypoints in COCO's order.
KEYPOINTS = (
    'nose',
    'left_eye',
    'right_eye',
    'left_ear',
    'right_ear',
    'left_shoulder',
    'right_shoulder',
    'left_elbow',
    'right_elbow',
    'left_wrist',
    'right_wrist',
    'left_hip',
    'right_hip',
    'left_knee',
    'right_knee',
    'left_ankle',
    'right_ankle',
)

_HANGING, _STRAIGHT = ((8, 22), (10, 34)), ((3, 8), (1, 4))
# Ranges of the angles of upper arm, forearm, thigh and shin, left side and right side.
# Degrees from straight down, positive outwards.
_LIMBS = {
    'standing': ((*_HANGING, *_STRAIGHT), (*_HANGING, *_STRAIGHT)),
    'walking': (
        ((26, 40), (8, 20), (20, 28), (6, 12)),
        ((12, 24), (34, 60), (8, 14), (26, 36)),
    ),
    'waving': (((62, 85), (160, 178), *_STRAIGHT), (*_HANGING, *_STRAIGHT)),
    'raising': (
        ((84, 98), (158, 176), *_STRAIGHT),
        ((84, 98), (158, 176), *_STRAIGHT),
    ),
    'pointing': (((72, 84), (74, 88), *_STRAIGHT), (*_HANGING, *_STRAIGHT)),
    'akimbo': (
        ((44, 54), (-52, -42), (8, 14), (3, 8)),
        ((44, 54), (-52, -42), (8, 14), (3, 8)),
    ),
}
POSES = tuple(_LIMBS)


def choose_pose(variation: tuple[float, float, float]) -> str:
    """Pose of a person; the third number of the variation decides."""
    return POSES[int(variation[2] * len(POSES))]


def person_joints(variation: tuple[float, float, float]) -> dict[str, Point]:
    """Joints of a person who faces the viewer.

    Args:
        variation: Three numbers in [0, 1): the place of the left and of the right side
            within the ranges of the pose, and the pose.

    Returns:
        Points of a person one unit tall, by name, in the order of `KEYPOINTS`.
        ``left_*`` is the person's left, on the viewer's right.
    """
    limbs = _LIMBS[choose_pose(variation)]
    joints: dict[str, Point] = {'nose': (0.0, 0.883)}
    for name, side, ranges, share in (
        ('left', 1, limbs[0], variation[0]),
        ('right', -1, limbs[1], variation[1]),
    ):
        arm, forearm, thigh, shin = (
            side * (low + share * (high - low)) for low, high in ranges
        )
        shoulder, hip = (side * 0.1, SHOULDER), (side * 0.06, HIP)
        elbow = _limb(shoulder, UPPER_ARM, arm)
        knee = _limb(hip, UPPER_LEG, thigh)
        joints[f'{name}_eye'] = (side * 0.026, 0.905)
        joints[f'{name}_ear'] = (side * 0.072, 0.893)
        joints[f'{name}_shoulder'], joints[f'{name}_elbow'] = shoulder, elbow
        joints[f'{name}_wrist'] = _limb(elbow, LOWER_ARM, forearm)
        joints[f'{name}_hip'], joints[f'{name}_knee'] = hip, knee
        joints[f'{name}_ankle'] = _limb(knee, LOWER_LEG, shin)
    return {name: joints[name] for name in KEYPOINTS}


def _limb(start: Point, length: float, degrees: float) -> Point:
    angle = math.radians(degrees)
    return (
        start[0] + length * math.sin(angle),
        start[1] - length * math.cos(angle),
    )
