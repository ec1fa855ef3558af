"""Drawing of a person over its joints."""

from __future__ import annotations

from ..scenes.pose import HIP, SHOULDER, Point, person_joints
from .canvas import Canvas, Color

SKIN_TONES = ((250, 214, 186), (226, 176, 138), (178, 122, 86), (112, 74, 52))
HAIR = ((46, 34, 28), (122, 78, 42), (214, 176, 98), (78, 76, 78))
TROUSERS = ((52, 62, 98), (92, 94, 100), (70, 54, 46))
SHOES = (36, 32, 34)
# Pixels. A disk this wide covers at least half of a pixel next to its center, so no
# joint is lost in a small picture.
THINNEST = 1.7


def draw_person(
    canvas: Canvas, color: Color, variation: tuple[float, float, float]
) -> None:
    """A person in a shirt of the given color."""
    joints = person_joints(variation)
    pick = int(variation[0] * 997)
    skin = SKIN_TONES[pick % len(SKIN_TONES)]
    trousers = TROUSERS[pick % len(TROUSERS)]
    # Shoes touch the ground even if a bent leg is a little too short.
    for side in ('left', 'right'):
        hip, knee = joints[f'{side}_hip'], joints[f'{side}_knee']
        ankle = joints[f'{side}_ankle']
        foot = (ankle[0], 0.05)
        canvas.line([hip, knee, ankle, foot], 0.095, trousers, THINNEST)
        canvas.line([(foot[0], 0.025), (foot[0] * 1.25, 0.025)], 0.05, SHOES)
    chest = [(-0.13, SHOULDER + 0.02), (0.13, SHOULDER + 0.02)]
    canvas.polygon([*chest, (0.105, HIP - 0.03), (-0.105, HIP - 0.03)], color)
    _draw_head(canvas, joints, skin, HAIR[(pick // 4) % len(HAIR)])
    sleeve = tuple(round(value * 0.8) for value in color)
    for side in ('left', 'right'):
        shoulder, elbow = joints[f'{side}_shoulder'], joints[f'{side}_elbow']
        wrist = joints[f'{side}_wrist']
        canvas.line([elbow, wrist], 0.06, skin, THINNEST)
        canvas.line([shoulder, elbow], 0.08, sleeve, THINNEST)
        canvas.line([wrist, wrist], 0.076, skin, THINNEST)


def _draw_head(
    canvas: Canvas, joints: dict[str, Point], skin: Color, hair: Color
) -> None:
    canvas.rectangle((-0.035, SHOULDER), (0.035, 0.85), skin)
    canvas.circle((0.0, 0.915), 0.082, hair)
    canvas.ellipse((0.0, 0.893), (0.068, 0.068), skin)
    for side in ('left', 'right'):
        ear = joints[f'{side}_ear']
        canvas.line([ear, ear], 0.036, skin, THINNEST)
        canvas.circle(joints[f'{side}_eye'], 0.011, SHOES)
    canvas.circle(joints['nose'], 0.01, tuple(round(0.8 * v) for v in skin))
