"""Class maps of pictures: names compared with the numbers or colors in the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from diffmm.utils.atomic import write_atomically
from diffmm.utils.text_table import format_table

from .classes import IGNORED, Classes, Value, shown_value
from .pictures import DataError, Picture, count, first_line, shorten

_HOST_MODES = ('1', 'L', 'P')
_LABEL_MODES = (*_HOST_MODES, 'I', 'I;16')
_COLOR_MODES = ('RGB', 'RGBA')


@dataclass(frozen=True)
class MaskReport:
    """The contents of the masks of a data set.

    Attributes:
        pixels: Pixels of each class, in the order of the classes.
        pictures: Pictures that show each class.
        ignored: Share of pixels of no class.
        readable: Whether mmsegmentation reads the files as they are.
    """

    pixels: tuple[int, ...]
    pictures: tuple[int, ...]
    ignored: float
    readable: bool

    def table(self, classes: Classes) -> str:
        """Writes a row for each class."""
        total = max(1, sum(self.pixels))
        rows = [
            (
                name,
                shown_value(value),
                f'{pixels / total:.2%}',
                str(pictures),
            )
            for name, value, pixels, pictures in zip(
                classes.names, classes.values, self.pixels, self.pictures, strict=True
            )
        ]
        header = ('class', 'in the files', 'of the pixels', 'pictures')
        return format_table(header, rows, numbers_from=1)


def check_masks(
    pairs: Mapping[Picture, Path], classes: Classes, zero_is_unlabeled: bool = False
) -> MaskReport:
    """Reads all masks and compares them with pictures and classes.

    Args:
        pairs: The mask of each picture.
        classes: The classes.
        zero_is_unlabeled: Masks hold 0 for pixels of no class, and the number of a
            class plus one.

    Returns:
        What they hold.

    Raises:
        DataError: A mask is damaged, has another size than its picture, is a JPEG, or
            holds what stands for no class.
    """
    pixels = np.zeros(256, np.int64)
    pictures = np.zeros(256, np.int64)
    readable = classes.plain
    strangers: dict[Value, Path] = {}
    for picture, path in tqdm(pairs.items(), desc='masks', disable=None):
        content, plain = _read(path, classes)
        readable = readable and plain
        _check_size(content.shape[:2], picture, path)
        labels = _to_labels(content, classes, zero_is_unlabeled, path, strangers)
        counts = np.bincount(labels.ravel(), minlength=256)
        pixels += counts
        pictures += counts > 0
    if strangers:
        raise _unknown_values(strangers, classes)
    number = len(classes.names)
    if not pixels[:number].any():
        raise DataError('no mask has a pixel of any class')
    if classes.plain and number > 1 and pixels[IGNORED] and not pixels[1:number].any():
        raise DataError(
            f'the masks hold 0 and {IGNORED} alone, and {IGNORED} means no class; if '
            f'it is {classes.names[1]}, write --classes {classes.names[0]}=0 '
            f'{classes.names[1]}={IGNORED}'
        )
    return MaskReport(
        tuple(pixels[:number].tolist()),
        tuple(pictures[:number].tolist()),
        float(pixels[IGNORED] / pixels.sum()),
        readable,
    )


def convert_masks(
    masks: Mapping[Path, Path], classes: Classes, zero_is_unlabeled: bool = False
) -> None:
    """Writes masks with the numbers 0, 1, 2 ... and 255 for no class.

    Args:
        masks: Where each of them goes.
        classes: The classes.
        zero_is_unlabeled: As in `check_masks`, which has to pass before.
    """
    for path, target in tqdm(masks.items(), desc='renumbered masks', disable=None):
        labels = _to_labels(
            _read(path, classes)[0], classes, zero_is_unlabeled, path, {}
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, cv2.imencode('.png', labels)[1].tobytes())


def _read(path: Path, classes: Classes) -> tuple[np.ndarray, bool]:
    """Reads a mask as numbers (H, W) or colors (H, W, 3).

    Returns:
        The mask, and whether mmsegmentation reads its numbers, too.
    """
    try:
        with Image.open(path) as image:
            if image.format == 'JPEG':
                raise DataError(
                    f'{path} is a JPEG, which changes the numbers of a mask: save '
                    'masks as PNG'
                )
            image.load()
            mode = image.mode
            if classes.colored:
                return np.asarray(image.convert('RGB')), False
            content = np.asarray(image)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f'{path} cannot be read ({first_line(error)})') from error
    if mode in _COLOR_MODES and (content[..., :3] == content[..., :1]).all():
        return content[..., 0], False  # gray, saved with three channels
    if mode not in _LABEL_MODES:
        colors = np.unique(content.reshape(-1, content.shape[-1])[:, :3], axis=0)
        shown = ' '.join(','.join(map(str, color)) for color in colors[:4].tolist())
        raise DataError(
            f'{path} has colors ({shown} ...): give every class its color, as '
            f'--classes {classes.names[0]}=R,G,B'
            if mode in _COLOR_MODES
            else f'{path} is an image of mode {mode}; a mask has numbers or RGB colors'
        )
    return content, mode in _HOST_MODES


def _check_size(size: tuple[int, ...], picture: Picture, path: Path) -> None:
    height, width = size
    if (width, height) == (picture.width, picture.height):
        return
    advice = 'they must agree'
    if picture.turned and (height, width) == (picture.width, picture.height):
        advice = (
            'the mask was drawn on the picture without its EXIF orientation, which '
            'the training applies: turn the mask, or remove the orientation'
        )
    raise DataError(
        f'{path} is {width}x{height} and {picture.path} {picture.width}x'
        f'{picture.height} pixels; {advice}'
    )


def _to_labels(
    content: np.ndarray,
    classes: Classes,
    zero_is_unlabeled: bool,
    path: Path,
    strangers: dict[Value, Path],
) -> np.ndarray:
    """Numbers a mask 0, 1, 2 ...; notes what stands for no class."""
    if classes.colored:
        weights = np.array([1 << 16, 1 << 8, 1])
        content = content.astype(np.int64) @ weights
        values = [int(np.dot(value, weights)) for value in classes.values]
    else:
        content = content.astype(np.int64)
        values = list(classes.values)
        if zero_is_unlabeled:
            values = [value + 1 for value in values]
    found, where = np.unique(content, return_inverse=True)
    table = np.full(len(found), IGNORED, np.uint8)
    unlabeled = [0] if zero_is_unlabeled else []
    # Black and white are what tools for drawing leave where nothing was drawn.
    unlabeled += [0, 0xFFFFFF] if classes.colored else [IGNORED]
    for index, value in enumerate(found.tolist()):
        if value in values:
            table[index] = values.index(value)
        elif value not in unlabeled:
            strangers.setdefault(_shown(value, classes), path)
    return table[where.reshape(content.shape)]


def _shown(value: int, classes: Classes) -> Value:
    if not classes.colored:
        return value
    return value >> 16, value >> 8 & 255, value & 255


def _unknown_values(strangers: Mapping[Value, Path], classes: Classes) -> DataError:
    value = min(strangers)
    values = ' '.join(map(shown_value, sorted(strangers)[:5]))
    known = [
        f'{name}={shown_value(each)}'
        for name, each in zip(classes.names[:4], classes.values[:4], strict=True)
    ]
    if len(classes.names) > len(known):
        known.append('...')
    advice = 'give every class its value, as --classes NAME=VALUE ...'
    if classes.plain and sorted(strangers) == [len(classes.names)]:
        advice += ', or --zero-is-unlabeled if 0 is no class'
    return DataError(
        f'{count(list(strangers), "value")} of the masks belong to no class ({values}; '
        f'{strangers[value]} has {shown_value(value)}), the classes are '
        f'{" ".join(known)}: {advice}'
    )


def hints_of(report: MaskReport, classes: Classes) -> list[str]:
    """Names what is no error, but unlikely to be meant.

    Args:
        report: What the masks hold.
        classes: The classes.

    Returns:
        Sentences.
    """
    hints = []
    absent = [
        name
        for name, number in zip(classes.names, report.pictures, strict=True)
        if not number
    ]
    if absent:
        hints.append(f'no mask shows {shorten(absent)}')
    if report.ignored > 0.5:
        hints.append(
            f'{report.ignored:.0%} of the pixels belong to no class and are not '
            'trained; a value such as 255 may stand for one: --classes NAME=255'
        )
    return hints
