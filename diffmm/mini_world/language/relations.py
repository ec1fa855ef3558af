"""Positions of objects relative to each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..scenes.scene import SceneObject


@dataclass(frozen=True)
class Relation:
    """Outcome of a test of two objects; neither holds where people could disagree.

    Attributes:
        clear: The relation clearly holds.
        excluded: The relation clearly does not hold.
    """

    clear: bool
    excluded: bool


# Distances at which centers (across) and contact points (ahead) are clearly apart, as
# shares of the picture's side.
CLEAR_ACROSS, CLEAR_AHEAD = 0.16, 0.06
# Centers nearer than the first are clearly in line, centers farther apart than the
# second are clearly not; both as shares of the sum of the two widths.
IN_LINE, NOT_IN_LINE = 0.35, 0.65


def left_of(first: SceneObject, second: SceneObject) -> Relation:
    """Tests if the first object is to the left of the second one."""
    gap = second.x - first.x
    return Relation(clear=gap >= CLEAR_ACROSS, excluded=gap <= 0)


def right_of(first: SceneObject, second: SceneObject) -> Relation:
    """Tests if the first object is to the right of the second one."""
    return left_of(second, first)


def nearer(first: SceneObject, second: SceneObject) -> Relation:
    """Tests if the first object is nearer to the viewer than the second one."""
    gap = first.ground - second.ground
    return Relation(clear=gap >= CLEAR_AHEAD, excluded=gap <= 0)


def farther(first: SceneObject, second: SceneObject) -> Relation:
    """Tests if the first object is farther from the viewer than the second one."""
    return nearer(second, first)


def in_front_of(first: SceneObject, second: SceneObject) -> Relation:
    """Tests if the first object is nearer and in line with the second one."""
    apart = abs(first.x - second.x)
    ahead = nearer(first, second)
    return Relation(
        clear=ahead.clear and apart <= IN_LINE * (first.footprint + second.footprint),
        excluded=ahead.excluded or apart >= NOT_IN_LINE * (first.width + second.width),
    )


def behind(first: SceneObject, second: SceneObject) -> Relation:
    """Tests if the first object is farther and in line with the second one."""
    return in_front_of(second, first)


RELATION_TESTS: dict[str, Callable[[SceneObject, SceneObject], Relation]] = {
    'left': left_of,
    'right': right_of,
    'front': in_front_of,
    'behind': behind,
}
# The relation of the object at a position to every other one of its class.
POSITION_TESTS: dict[str, Callable[[SceneObject, SceneObject], Relation]] = {
    'leftmost': left_of,
    'rightmost': right_of,
    'nearest': nearer,
    'farthest': farther,
}
