"""All checks of a scene.

A check yields one item for each thing that it looks at: None, or a message that says
what is wrong.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np

from ..classes import ADE20K_INDEX, OBJECT_CLASSES, SIZES
from ..drawing.annotations import ABSENT, NO_DEPTH, SEEN, depth_map, joint_positions
from ..drawing.rendered_scene import RenderedScene
from ..language.captions import write_captions
from ..language.expressions import refer
from ..language.vocabulary import WORDS
from ..scenes.background import METERS
from ..scenes.scene import Scene
from .captions import caption_faults, named_objects
from .resolver import Resolver

# Relative difference of lengths and depths that rounding to float32 explains.
TOLERANCE = 1e-4

Findings = Iterator[str | None]


def check_masks(rendered: RenderedScene) -> Findings:
    """Checks that visible masks lie in the whole ones, apart, and in the class map."""
    for index, item in enumerate(rendered.scene.objects):
        visible = rendered.visible[index]
        others = np.delete(rendered.visible, index, axis=0).any(0)
        classes = rendered.ade20k_index[visible]
        yield _unless(
            visible.any()
            and not (visible & ~rendered.amodal[index]).any()
            and not (visible & others).any()
            and (classes == ADE20K_INDEX[item.name]).all(),
            f'mask of object {index} ({item.name})',
        )


def check_boxes(rendered: RenderedScene) -> Findings:
    """Checks that boxes are tight around the visible masks."""
    for index, (box, mask) in enumerate(
        zip(rendered.boxes, rendered.visible, strict=True)
    ):
        rows, columns = np.nonzero(mask)
        if not len(rows):
            yield f'object {index} is not seen, so it has no box'
            continue
        tight = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        yield _unless(
            tuple(box) == tight, f'box {box} of object {index}, whose mask has {tight}'
        )


def check_keypoints(rendered: RenderedScene) -> Findings:
    """Checks that keypoints lie on their person, to one pixel."""
    persons = {index for index, item in enumerate(rendered.scene.objects) if item.pose}
    if persons != set(rendered.keypoints):
        yield f'keypoints of {sorted(rendered.keypoints)}, persons {sorted(persons)}'
    size = len(rendered.image)
    for index, points in rendered.keypoints.items():
        positions = joint_positions(rendered.scene.objects[index], size)
        for number, ((x, y, flag), position) in enumerate(
            zip(points, positions, strict=True)
        ):
            if flag == ABSENT:
                inside = ((0 <= position) & (position < size)).all()
                good = x == y == 0 and not inside
            else:
                masks = rendered.visible if flag == SEEN else rendered.amodal
                good = _near(masks[index], x, y)
            yield _unless(good, f'keypoint {number} ({x}, {y}, {flag}) of {index}')


def check_occlusion(rendered: RenderedScene) -> Findings:
    """Checks that an object is nearer than what it hides, at every pixel."""
    scene = rendered.scene
    for far, near in itertools.combinations(range(len(scene.objects)), 2):
        both = rendered.amodal[far] & rendered.amodal[near]
        if not both.any():
            continue
        alone = [
            depth_map(
                Scene(scene.background, (scene.objects[index],)),
                rendered.ground,
                rendered.amodal[index : index + 1],
            )[both]
            for index in (far, near)
        ]
        yield _unless(
            (alone[1] < alone[0]).all() and not rendered.visible[far][both].any(),
            f'object {near} hides object {far} but is not nearer everywhere',
        )


def check_depth(rendered: RenderedScene) -> Findings:
    """Checks that ground, wall, sky and objects have the depths of the camera."""
    background, depth = rendered.scene.background, rendered.depth
    size = len(depth)
    camera, rest = background.camera, ~rendered.amodal.any(0)
    rows = (np.nonzero(rendered.ground & rest)[0] + 0.5) / size
    plane = depth[rendered.ground & rest] * (rows - camera.horizon)
    expected = camera.focal * camera.height
    yield _unless(np.allclose(plane, expected, rtol=TOLERANCE), 'depth of the ground')
    back = depth[~rendered.ground & rest]
    if background.place == 'outdoor':
        yield _unless((back == NO_DEPTH).all(), 'depth of the sky')
    else:
        end = expected / (background.boundary - camera.horizon)
        flat = np.allclose(back, end, rtol=TOLERANCE)
        yield _unless(
            flat and depth.max() <= end * (1 + TOLERANCE), 'depth of the wall'
        )
    for index, item in enumerate(rendered.scene.objects):
        yield _unless(
            _stands_at_its_depth(rendered, index),
            f'depth or height of object {index} ({item.name})',
        )


def check_expressions(rendered: RenderedScene) -> Findings:
    """Checks that every referring expression picks exactly its object."""
    resolver = Resolver(rendered)
    for expression in refer(rendered.scene):
        text, found = expression.text, resolver.resolve(expression.text)
        yield _unless(
            found == [expression.object_index] and set(text.split()) <= WORDS,
            f'expression {text!r} of object {expression.object_index} picks {found}',
        )


def check_captions(rendered: RenderedScene) -> Findings:
    """Checks that captions are true, and that the first two name every object."""
    for number, caption in enumerate(write_captions(rendered.scene)):
        faults = caption_faults(rendered, caption)
        named, total = named_objects(caption), len(rendered.scene.objects)
        if number < 2 and named != total:
            faults.append(f'it names {named} of {total} objects')
        yield _unless(not faults, f'caption {caption!r}: {"; ".join(faults)}')


CHECKS: dict[str, Callable[[RenderedScene], Findings]] = {
    'masks': check_masks,
    'boxes': check_boxes,
    'keypoints': check_keypoints,
    'occlusion': check_occlusion,
    'depth': check_depth,
    'expressions': check_expressions,
    'captions': check_captions,
}


def check_scene(rendered: RenderedScene) -> dict[str, list[str | None]]:
    """Runs every check on one scene.

    Args:
        rendered: The scene.

    Returns:
        By the name of the check: None or a message for each thing it looks at.
    """
    return {name: list(check(rendered)) for name, check in CHECKS.items()}


def _unless(good: bool, message: str) -> str | None:
    return None if good else message


def _near(mask: np.ndarray, x: float, y: float) -> bool:
    """Tells if a mask has the pixel of a point or one that touches it."""
    row, column = math.floor(y), math.floor(x)
    return bool(mask[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].any())


def _stands_at_its_depth(rendered: RenderedScene, index: int) -> bool:
    """Tells if depth, height in the picture and height in meters agree."""
    item = rendered.scene.objects[index]
    camera = rendered.scene.background.camera
    seen = rendered.depth[rendered.visible[index]]
    outline = camera.focal * camera.height / (item.ground - camera.horizon)
    meters = item.height * outline / camera.focal
    expected = METERS * OBJECT_CLASSES[item.name].height * SIZES[item.size]
    return bool(
        seen.max() <= outline * (1 + TOLERANCE)
        and seen.min() >= outline - meters
        and math.isclose(meters, expected, rel_tol=TOLERANCE)
    )
