"""Sheets that show annotations, styles and objects to the eye."""

from __future__ import annotations

import textwrap

import cv2
import numpy as np

from ..classes import OBJECT_CLASSES
from ..drawing.annotations import ABSENT, NO_DEPTH, SEEN
from ..drawing.preview import color_mask
from ..drawing.rendered_scene import RenderedScene
from ..drawing.styles import STYLES, stylize
from ..language.captions import write_captions
from ..language.expressions import refer
from ..scenes.pose import KEYPOINTS

GAP, TITLE = 4, 20
FONT, FONT_SCALE, LINE = cv2.FONT_HERSHEY_SIMPLEX, 0.38, 14
# Letters per line, and pixels per letter.
LETTERS, LETTER = 62, 6.6
NUM_EXPRESSIONS = 4
LIMBS = (
    ('shoulder', 'elbow'),
    ('elbow', 'wrist'),
    ('shoulder', 'hip'),
    ('hip', 'knee'),
    ('knee', 'ankle'),
)
BLACK, GREEN, RED = (0, 0, 0), (40, 230, 60), (230, 30, 30)


def style_sheet(scenes: list[RenderedScene]) -> np.ndarray:
    """Draws a row for each scene and a column for each style; RGB, uint8."""
    rows = [[stylize(scene, style) for style in STYLES] for scene in scenes]
    return _table(list(STYLES), rows)


def annotation_sheet(scenes: list[RenderedScene]) -> np.ndarray:
    """Draws a row for each scene: boxes and keypoints, classes, depth, lines, texts.

    Seen keypoints are green, occluded ones red. Near is red, far is blue, and black
    has no depth.

    Args:
        scenes: Scenes of one size.

    Returns:
        RGB, uint8.
    """
    titles = ['boxes and keypoints', 'classes', 'depth', 'sketch', 'captions and']
    titles[-1] += ' some referring expressions'
    rows = [
        [
            draw_people_and_boxes(scene),
            color_mask(scene.ade20k_index),
            color_depth(scene.depth),
            cv2.cvtColor(scene.sketch, cv2.COLOR_GRAY2RGB),
            _texts(scene),
        ]
        for scene in scenes
    ]
    return _table(titles, rows)


def object_sheet(scenes: list[RenderedScene], size: int = 96) -> np.ndarray:
    """Draws sketch and crop of the first object of each class that occurs.

    Args:
        scenes: Scenes.
        size: Side of a sketch and of a crop in pixels.

    Returns:
        RGB, uint8.
    """
    pairs = {}
    for scene in scenes:
        for index, item in enumerate(scene.scene.objects):
            if item.name not in pairs:
                lines = scene.object_sketch(index, size)
                drawing = cv2.cvtColor(lines, cv2.COLOR_GRAY2RGB)
                pairs[item.name] = drawing, scene.object_crop(index, size)
    names = [name for name in OBJECT_CLASSES if name in pairs]
    rows = [[pairs[name][part] for name in names] for part in (0, 1)]
    return _table(names, rows)


def draw_people_and_boxes(scene: RenderedScene) -> np.ndarray:
    """Draws boxes and skeletons over the picture; RGB, uint8."""
    picture = scene.image.copy()
    for left, top, right, bottom in scene.boxes.astype(int):
        cv2.rectangle(picture, (left, top), (right - 1, bottom - 1), (255, 255, 0), 1)
    for points in scene.keypoints.values():
        named = dict(zip(KEYPOINTS, points, strict=True))
        for side in ('left', 'right'):
            for start, end in LIMBS:
                ends = named[f'{side}_{start}'], named[f'{side}_{end}']
                if all(point[2] != ABSENT for point in ends):
                    first, second = (tuple(p[:2].astype(int).tolist()) for p in ends)
                    cv2.line(picture, first, second, BLACK, 1, cv2.LINE_AA)
        for x, y, flag in points:
            if flag != ABSENT:
                color = GREEN if flag == SEEN else RED
                cv2.circle(picture, (int(x), int(y)), 2, color, cv2.FILLED)
    return picture


def color_depth(depth: np.ndarray) -> np.ndarray:
    """Paints depth: red is near, blue is far, black is unknown.

    Args:
        depth: Meters, ``(H, W)`` float32.

    Returns:
        RGB, ``(H, W, 3)`` uint8.
    """
    known = depth != NO_DEPTH
    # The inverse of depth falls evenly along the ground.
    inverse = 1.0 / np.where(known, depth, np.inf)
    scaled = np.clip(255 * inverse / inverse.max(), 0, 255).astype(np.uint8)
    colors = cv2.applyColorMap(scaled, cv2.COLORMAP_TURBO)[..., ::-1].copy()
    colors[~known] = 0
    return colors


def _texts(scene: RenderedScene) -> np.ndarray:
    """Writes captions and a few expressions on an area as high as the picture."""
    found = refer(scene.scene)
    step = max(1, len(found) // NUM_EXPRESSIONS)
    chosen = [f'> {one.text}' for one in found[::step][:NUM_EXPRESSIONS]]
    area = np.full((len(scene.image), round(LETTERS * LETTER), 3), 255, np.uint8)
    lines = [
        line
        for text in (*write_captions(scene.scene), *chosen)
        for line in textwrap.wrap(text, LETTERS, subsequent_indent='   ')
    ]
    for number, line in enumerate(lines):
        _write(area, line, (2, LINE * (number + 1) - 3))
    return area


def _table(titles: list[str], rows: list[list[np.ndarray]]) -> np.ndarray:
    """Lays out pictures in rows and columns, below titles of the columns."""
    widths = [picture.shape[1] for picture in rows[0]]
    heights = [row[0].shape[0] for row in rows]
    width, height = sum(widths) + GAP * len(widths), sum(heights) + GAP * len(heights)
    sheet = np.full((height + TITLE, width, 3), 255, np.uint8)
    y = TITLE
    for row, row_height in zip(rows, heights, strict=True):
        x = 0
        for picture, column_width, title in zip(row, widths, titles, strict=True):
            sheet[y : y + row_height, x : x + column_width] = picture
            if y == TITLE:
                _write(sheet, title, (x + 2, TITLE - 6))
            x += column_width + GAP
        y += row_height + GAP
    return sheet


def _write(sheet: np.ndarray, text: str, place: tuple[int, int]) -> None:
    cv2.putText(sheet, text, place, FONT, FONT_SCALE, BLACK, 1, cv2.LINE_AA)
