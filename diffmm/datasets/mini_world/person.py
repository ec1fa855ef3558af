"""A person: joints first, then the body drawn over them."""

from __future__ import annotations

import math

from .canvas import Canvas, Colour, Point

SKIN_TONES = ((250, 214, 186), (226, 176, 138), (178, 122, 86), (112, 74, 52))
HAIR = ((46, 34, 28), (122, 78, 42), (214, 176, 98), (78, 76, 78))
TROUSERS = ((52, 62, 98), (92, 94, 100), (70, 54, 46))
SHOES = (36, 32, 34)

SHOULDER, HIP = 0.79, 0.47
UPPER_ARM, LOWER_ARM = 0.165, 0.15
UPPER_LEG, LOWER_LEG = 0.215, 0.205


def person_joints(variation: tuple[float, float, float]) -> dict[str, Point]:
    """Joints of a standing or walking person who faces the viewer.

    Args:
        variation: Numbers in [0, 1): spread of the legs, left arm, right arm.

    Returns:
        Points at unit height, named as in COCO (``left_*`` is the person's left, on
        the viewer's right).
    """
    stride, left_arm, right_arm = variation
    joints: dict[str, Point] = {'nose': (0.0, 0.9)}
    for name, side, lift, step in (
        ('left', 1, left_arm**2, stride),
        ('right', -1, right_arm**2, 1.0 - stride),
    ):
        # Angles from straight down; an arm hangs (lift 0) or waves (lift 1).
        arm, forearm, leg = 12.0 + 50.0 * lift, 22.0 + 145.0 * lift, 6.0 + 10.0 * step
        shoulder, hip = (side * 0.1, SHOULDER), (side * 0.06, HIP)
        elbow = _limb(shoulder, UPPER_ARM, side * arm)
        knee = _limb(hip, UPPER_LEG, side * leg)
        joints[f'{name}_shoulder'], joints[f'{name}_hip'] = shoulder, hip
        joints[f'{name}_elbow'], joints[f'{name}_knee'] = elbow, knee
        joints[f'{name}_wrist'] = _limb(elbow, LOWER_ARM, side * forearm)
        joints[f'{name}_ankle'] = _limb(knee, LOWER_LEG, side * leg * 0.3)
    return joints


def draw_person(
    canvas: Canvas, colour: Colour, variation: tuple[float, float, float]
) -> None:
    """A person in a shirt of the given colour."""
    joints = person_joints(variation)
    pick = int(variation[0] * 997)
    skin = SKIN_TONES[pick % len(SKIN_TONES)]
    trousers = TROUSERS[pick % len(TROUSERS)]
    sleeve = tuple(round(value * 0.8) for value in colour)
    for side in ('left', 'right'):
        hip, knee = joints[f'{side}_hip'], joints[f'{side}_knee']
        ankle = joints[f'{side}_ankle']
        canvas.line([hip, knee, ankle], 0.095, trousers)
        canvas.line([(ankle[0], 0.025), (ankle[0] * 1.25, 0.025)], 0.05, SHOES)
    chest = [(-0.13, SHOULDER + 0.02), (0.13, SHOULDER + 0.02)]
    canvas.polygon([*chest, (0.105, HIP - 0.03), (-0.105, HIP - 0.03)], colour)
    for side in ('left', 'right'):
        shoulder, elbow = joints[f'{side}_shoulder'], joints[f'{side}_elbow']
        wrist = joints[f'{side}_wrist']
        canvas.line([elbow, wrist], 0.055, skin)
        canvas.line([shoulder, elbow], 0.08, sleeve)
        canvas.circle(wrist, 0.036, skin)
    _draw_head(canvas, skin, HAIR[(pick // 4) % len(HAIR)])


def _draw_head(canvas: Canvas, skin: Colour, hair: Colour) -> None:
    canvas.rectangle((-0.035, SHOULDER), (0.035, 0.85), skin)
    canvas.circle((0.0, 0.915), 0.082, hair)
    canvas.ellipse((0.0, 0.893), (0.068, 0.068), skin)
    for x in (-0.026, 0.026):
        canvas.circle((x, 0.905), 0.011, SHOES)


def _limb(start: Point, length: float, degrees: float) -> Point:
    angle = math.radians(degrees)
    return (
        start[0] + length * math.sin(angle),
        start[1] - length * math.cos(angle),
    )
