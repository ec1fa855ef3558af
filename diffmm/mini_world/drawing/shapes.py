"""Drawings of an object of each class.

Every function draws at unit height with the feet at (0, 0). `color` is the object's
color; `variation` holds three numbers in [0, 1) in which individuals differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from .canvas import Canvas, Color
from .person import draw_person

Variation = tuple[float, float, float]

# Colors of details. None is a named color, because textures replace those.
GLASS = (172, 212, 232)
WOOD = (112, 74, 46)
DARK = (28, 28, 31)
METAL = (150, 152, 158)
LIGHT = (246, 242, 228)
LEAF = (58, 128, 52)


def shade(color: Color, factor: float) -> Color:
    """Darkens a color (factor below 1) or mixes it with white (factor above 1)."""
    if factor <= 1.0:
        return tuple(round(value * factor) for value in color)
    mix = min(factor - 1.0, 1.0)
    return tuple(round(value + (255 - value) * mix) for value in color)


def contrast(color: Color) -> Color:
    """A neutral color that stands out: gray on white, cream on all others."""
    luma = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]
    return (132, 136, 144) if luma > 208 else LIGHT


def draw_tree(canvas: Canvas, color: Color, variation: Variation) -> None:
    """A broad-leaved tree or a conifer."""
    canvas.polygon([(-0.07, 0), (0.07, 0), (0.045, 0.5), (-0.045, 0.5)], WOOD)
    if variation[0] < 0.5:
        dark = shade(color, 0.78)
        for x, y, radius in ((-0.2, 0.52, 0.18), (0.2, 0.5, 0.18), (0.0, 0.5, 0.2)):
            canvas.circle((x, y), radius, dark)
        for x, y, radius in ((-0.16, 0.64, 0.2), (0.17, 0.64, 0.2), (0.0, 0.79, 0.21)):
            canvas.circle((x, y), radius, color)
        return
    for bottom, top, half in ((0.2, 0.58, 0.37), (0.42, 0.8, 0.29), (0.64, 1.0, 0.2)):
        canvas.polygon([(-half, bottom), (half, bottom), (0, top)], color)
        rim = [(-half, bottom), (half, bottom), (half * 0.86, bottom + 0.05)]
        canvas.polygon([*rim, (-half * 0.86, bottom + 0.05)], shade(color, 0.7))


def draw_house(canvas: Canvas, color: Color, variation: Variation) -> None:
    """A house with a gable roof, a chimney, a door and a window."""
    roof = ((150, 66, 52), (92, 84, 92), (120, 84, 58))[int(variation[0] * 3)]
    canvas.rectangle((0.2, 0.68), (0.31, 0.97), shade(roof, 0.7))
    canvas.rectangle((-0.44, 0), (0.44, 0.58), color)
    canvas.polygon([(-0.55, 0.55), (0.55, 0.55), (0, 1.0)], roof)
    canvas.line([(-0.54, 0.56), (0.54, 0.56)], 0.03, shade(roof, 0.65))
    frame = contrast(color)
    canvas.rectangle((-0.34, 0), (-0.1, 0.4), frame)
    canvas.rectangle((-0.31, 0), (-0.13, 0.37), WOOD)
    canvas.circle((-0.16, 0.18), 0.018, LIGHT)
    canvas.rectangle((0.04, 0.16), (0.35, 0.43), frame)
    for left in (0.07, 0.21):
        for bottom in (0.19, 0.31):
            canvas.rectangle((left, bottom), (left + 0.11, bottom + 0.09), GLASS)


def draw_car(canvas: Canvas, color: Color, variation: Variation) -> None:
    """A car from the side, its front to the right."""
    roof = 0.94 + 0.06 * variation[0]
    cabin = [(-0.72, 0.52), (-0.46, roof), (0.2, roof), (0.52, 0.52)]
    canvas.polygon(cabin, color)
    body = [(-1.0, 0.2), (1.0, 0.2), (1.02, 0.42), (0.9, 0.52), (0.5, 0.58)]
    canvas.polygon([*body, (-0.74, 0.58), (-0.99, 0.5)], color)
    canvas.polygon([(-0.6, 0.57), (-0.4, 0.86), (-0.12, 0.86), (-0.12, 0.57)], GLASS)
    canvas.polygon([(-0.04, 0.57), (-0.04, 0.86), (0.15, 0.86), (0.38, 0.57)], GLASS)
    canvas.rectangle((-1.0, 0.2), (1.0, 0.27), shade(color, 0.62))
    canvas.line([(-0.08, 0.28), (-0.08, 0.56)], 0.02, shade(color, 0.62))
    canvas.ellipse((0.94, 0.42), (0.06, 0.05), (255, 236, 150))
    canvas.ellipse((-0.95, 0.44), (0.04, 0.05), (226, 60, 48))
    for x in (-0.58, 0.6):
        canvas.circle((x, 0.21), 0.21, DARK)
        canvas.circle((x, 0.21), 0.11, METAL)


def draw_boat(canvas: Canvas, color: Color, variation: Variation) -> None:
    """A sailing boat with a main sail and a jib."""
    top = 0.88 + 0.08 * variation[0]
    canvas.line([(0.0, 0.2), (0.0, 0.985)], 0.035, WOOD)
    canvas.polygon([(0.01, top), (0.01, 0.34), (0.46, 0.34)], color)
    canvas.polygon([(-0.01, top - 0.06), (-0.01, 0.34), (-0.4, 0.34)], contrast(color))
    hull = [(-0.54, 0.27), (0.54, 0.27), (0.47, 0.14), (0.34, 0.0), (-0.34, 0.0)]
    canvas.polygon([*hull, (-0.46, 0.12)], color)
    canvas.polygon(
        [(-0.54, 0.27), (0.54, 0.27), (0.51, 0.215), (-0.52, 0.215)],
        shade(color, 0.6),
    )
    canvas.polygon([(0, 0.985), (0, 0.93), (-0.12, 0.957)], (214, 64, 56))


def draw_chair(canvas: Canvas, color: Color, variation: Variation) -> None:
    """A chair seen from the front and the side, its back to the left."""
    seat = 0.44 + 0.04 * variation[0]
    dark = shade(color, 0.6)
    for x, foot in ((-0.12, 0.1), (0.27, 0.1)):
        canvas.rectangle((x - 0.028, foot), (x + 0.028, seat), dark)
    for x in (-0.29, 0.12):
        canvas.rectangle((x - 0.035, 0.0), (x + 0.035, seat), shade(color, 0.85))
    back = [(-0.325, seat), (-0.325, 1.0), (-0.09, 0.95), (-0.09, seat + 0.1)]
    canvas.polygon(back, color)
    hole = contrast(color)
    for bottom in (seat + 0.2, seat + 0.34):
        low, high = bottom, bottom + 0.07
        slat = [(-0.27, low), (-0.27, high), (-0.14, high - 0.03), (-0.14, low - 0.03)]
        canvas.polygon(slat, shade(hole, 0.85))
    cushion = [(-0.325, seat - 0.02), (0.155, seat - 0.02), (0.32, seat + 0.1)]
    canvas.polygon([*cushion, (-0.1, seat + 0.1)], shade(color, 1.22))
    canvas.rectangle((-0.325, seat - 0.06), (0.155, seat), color)
    edge = [(0.155, seat - 0.06), (0.155, seat), (0.32, seat + 0.1)]
    canvas.polygon([*edge, (0.32, seat + 0.04)], dark)


def draw_lamp(canvas: Canvas, color: Color, variation: Variation) -> None:
    """A standing lamp with a shade."""
    half = 0.09 + 0.04 * variation[0]
    canvas.ellipse((0, 0.045), (0.2, 0.045), shade(METAL, 0.6))
    canvas.ellipse((0, 0.07), (0.17, 0.035), METAL)
    canvas.rectangle((-0.022, 0.07), (0.022, 0.6), shade(METAL, 0.75))
    canvas.ellipse((0, 0.57), (0.08, 0.07), (255, 244, 170))
    canvas.polygon([(-0.28, 0.58), (0.28, 0.58), (half, 0.99), (-half, 0.99)], color)
    canvas.polygon(
        [(-0.28, 0.58), (0.28, 0.58), (0.265, 0.625), (-0.265, 0.625)],
        shade(color, 0.68),
    )


def draw_bottle(canvas: Canvas, color: Color, variation: Variation) -> None:
    """A bottle with a neck, a cap and a label."""
    shoulder = 0.52 + 0.08 * variation[0]
    outline = [(-0.14, 0.0), (0.14, 0.0), (0.16, 0.03), (0.16, shoulder)]
    outline += [(0.06, shoulder + 0.15), (0.055, 0.95), (-0.055, 0.95)]
    outline += [(-0.06, shoulder + 0.15), (-0.16, shoulder), (-0.16, 0.03)]
    canvas.polygon(outline, color)
    canvas.rectangle((-0.16, 0.16), (0.16, 0.4), contrast(color))
    canvas.rectangle((-0.1, 0.25), (0.1, 0.29), shade(contrast(color), 0.6))
    canvas.rectangle((-0.075, 0.9), (0.075, 0.995), (176, 140, 78))
    canvas.line([(-0.11, 0.45), (-0.11, shoulder - 0.02)], 0.03, shade(color, 1.5))


def draw_clock(canvas: Canvas, color: Color, variation: Variation) -> None:
    """An alarm clock with two bells and two feet."""
    center = (0.0, 0.46)
    for side in (-1, 1):
        canvas.line([(side * 0.2, 0.2), (side * 0.31, 0.042)], 0.075, DARK)
        canvas.line([center, (side * 0.25, 0.83)], 0.06, METAL)
        canvas.ellipse(
            (side * 0.25, 0.83),
            (0.19, 0.13),
            shade(color, 0.72),
            angle=-side * 36.0,
            arc=(0.0, 180.0),
        )
    canvas.line([(-0.02, 0.8), (-0.02, 0.93), (0.02, 0.93), (0.02, 0.8)], 0.05, METAL)
    canvas.circle(center, 0.395, color)
    canvas.circle(center, 0.295, LIGHT)
    for hour in range(0, 12, 3):
        x, y = math.sin(hour * math.pi / 6), math.cos(hour * math.pi / 6)
        canvas.circle((0.24 * x, 0.46 + 0.24 * y), 0.026, DARK)
    for turn, length, width in (
        (variation[0], 0.13, 0.05),
        (variation[1], 0.21, 0.034),
    ):
        x, y = math.sin(turn * math.tau), math.cos(turn * math.tau)
        canvas.line([center, (length * x, 0.46 + length * y)], width, DARK)


def draw_box(canvas: Canvas, color: Color, variation: Variation) -> None:
    """A closed box: front, side and lid, held by tape."""
    depth = 0.2 + 0.06 * variation[0]
    front, height, lift = 0.6 - depth, 0.76, 0.24
    canvas.rectangle((-0.6, 0.0), (front, height), color)
    side = [(front, 0.0), (0.6, lift * 0.6), (0.6, height + lift), (front, height)]
    canvas.polygon(side, shade(color, 0.6))
    lid = [(-0.6, height), (front, height), (0.6, 1.0), (-0.6 + depth, 1.0)]
    canvas.polygon(lid, shade(color, 1.3))
    tape = (206, 176, 120)
    middle = (front - 0.6) / 2
    canvas.rectangle((middle - 0.06, 0.46), (middle + 0.06, height), tape)
    strip = [(middle - 0.06, height), (middle + 0.06, height)]
    strip += [(middle + 0.06 + depth, 1.0), (middle - 0.06 + depth, 1.0)]
    canvas.polygon(strip, shade(tape, 1.2))
    edge = shade(color, 0.5)
    canvas.line([(-0.58, height), (front, height), (front, 0.015)], 0.025, edge)


def draw_flower(canvas: Canvas, color: Color, variation: Variation) -> None:
    """A flower with six petals, a stem and two leaves."""
    head = (0.0, 0.71)
    canvas.line([(0.02, 0.03), (-0.02, 0.3), head], 0.055, LEAF)
    canvas.ellipse((-0.15, 0.2), (0.16, 0.06), LEAF, angle=-32.0)
    canvas.ellipse((0.14, 0.28), (0.16, 0.06), shade(LEAF, 0.85), angle=32.0)
    for petal in range(6):
        turn = 60.0 * (petal + variation[0])
        x, y = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        tint = color if petal % 2 else shade(color, 0.84)
        place = (head[0] + 0.165 * x, head[1] + 0.165 * y)
        canvas.ellipse(place, (0.125, 0.09), tint, angle=turn)
    center = (92, 60, 36) if variation[1] < 0.5 else (250, 196, 52)
    canvas.circle(head, 0.085, center)


def draw_ball(canvas: Canvas, color: Color, variation: Variation) -> None:
    """A beach ball: colored and light segments that meet in a point."""
    canvas.circle((0, 0.5), 0.5, color)
    light = contrast(color)
    turn = variation[0] * 120.0
    for segment in range(3):
        start = math.radians(turn + 120.0 * segment)
        points = [(0.08, 0.62)]
        for step in range(7):
            angle = start + math.radians(42.0) * step / 6
            points.append((0.49 * math.cos(angle), 0.5 + 0.49 * math.sin(angle)))
        canvas.polygon(points, light)
    canvas.circle((0.08, 0.62), 0.07, light)


SHAPES: dict[str, Callable[[Canvas, Color, Variation], None]] = {
    'tree': draw_tree,
    'house': draw_house,
    'car': draw_car,
    'boat': draw_boat,
    'chair': draw_chair,
    'lamp': draw_lamp,
    'bottle': draw_bottle,
    'clock': draw_clock,
    'person': draw_person,
    'box': draw_box,
    'flower': draw_flower,
    'ball': draw_ball,
}
