"""A COCO file of boxes: checked against its pictures, and divided."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from diffmm.utils.text_table import format_table

from .pictures import DataError, count, first_line, open_pictures, shorten

_PARTS = ('images', 'annotations', 'categories')


@dataclass(frozen=True)
class BoxFile:
    """A COCO file whose pictures and boxes were checked.

    Attributes:
        content: What it holds, with the area of every box, and a number of its own.
        names: Class names, in the order of its categories, which mmdetection's labels
            have.
        sizes: Width and height of every picture.
    """

    content: dict
    names: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]

    @property
    def images(self) -> list[dict]:
        """Its pictures."""
        return self.content['images']

    def part(self, images: Sequence[Mapping]) -> dict:
        """Takes some of its pictures, with their boxes."""
        chosen = {image['id'] for image in images}
        boxes = [a for a in self.content['annotations'] if a['image_id'] in chosen]
        return {**self.content, 'images': list(images), 'annotations': boxes}

    def table(self) -> str:
        """Writes a row for each class that has boxes, and counts the others."""
        names = {each['id']: each['name'] for each in self.content['categories']}
        boxes = Counter(a['category_id'] for a in self.content['annotations'])
        pairs = {(a['category_id'], a['image_id']) for a in self.content['annotations']}
        pictures = Counter(category for category, _ in pairs)
        rows = [
            (name, str(number), str(boxes[number]), str(pictures[number]))
            for number, name in names.items()
            if boxes[number]
        ]
        header = ('class', 'in the file', 'boxes', 'pictures')
        table = format_table(header, rows, numbers_from=1)
        without = len(names) - len(rows)
        note = f'\nnote: {without} of {len(names)} categories have no box'
        return table + note if without else table


def read_boxes(file: Path, folder: Path) -> BoxFile:
    """Reads a COCO file and all of its pictures.

    Args:
        file: The JSON file.
        folder: The folder that its file names start from.

    Returns:
        The file.

    Raises:
        DataError: It is no COCO file of boxes, a picture is missing, damaged or of
            another size, or a box belongs to nothing or is empty.
    """
    content = _load(file)
    for each in content['categories']:
        # mmdetection looks for exactly these names.
        each['name'] = str(each['name']).strip()
    names = [each['name'] for each in content['categories']]
    twice = [name for name, number in Counter(names).items() if number > 1]
    if '' in names or twice:
        raise DataError(
            f'{file}: categories must have different names, but '
            f'{shorten(twice) if twice else "one has none"}'
            f'{" comes twice" if twice else ""}'
        )
    images = content['images']
    files = [image['file_name'] for image in images]
    missing = [name for name in files if not (folder / name).is_file()]
    if missing:
        raise DataError(
            f'{count(missing, "picture")} of {file} are not in {str(folder)!r}, such '
            f'as {missing[0]!r}: name the folder that file_name starts from with '
            '--images'
        )
    pictures = open_pictures([folder / name for name in files])
    for image, picture in zip(images, pictures, strict=True):
        image.setdefault('width', picture.width)
        image.setdefault('height', picture.height)
        said = image['width'], image['height']
        if said != (picture.width, picture.height):
            advice = 'correct the file'
            if picture.turned and said == (picture.height, picture.width):
                advice = (
                    'its boxes were drawn without the EXIF orientation, which the '
                    'training applies: remove the orientation from the pictures'
                )
            raise DataError(
                f'{file} says that {image["file_name"]!r} is {said[0]}x{said[1]}, the '
                f'picture is {picture.width}x{picture.height} pixels; {advice}'
            )
    _check_boxes(content, file)
    sizes = tuple((each.width, each.height) for each in pictures)
    return BoxFile(content, tuple(names), sizes)


def _load(file: Path) -> dict:
    try:
        content = json.loads(file.read_text(encoding='utf-8-sig'))
    except (OSError, ValueError) as error:
        raise DataError(
            f'--coco: {str(file)!r} cannot be read as JSON ({first_line(error)})'
        ) from error
    parts = content if isinstance(content, dict) else {}
    for part in _PARTS:
        entries = parts.get(part)
        if not isinstance(entries, list) or not entries:
            raise DataError(
                f'{file} is no COCO file of boxes: it needs the lists '
                f'{", ".join(_PARTS)}, and {part!r} is missing or empty'
            )
        needed = dict(images=('id', 'file_name'), categories=('id', 'name'))
        needed['annotations'] = ('image_id', 'category_id', 'bbox')
        for index, entry in enumerate(entries):
            lacks = [key for key in needed[part] if key not in entry]
            if lacks:
                raise DataError(f'{file}: {part}[{index}] has no {lacks[0]!r}')
    return parts


def _check_boxes(content: Mapping, file: Path) -> None:
    """Checks every box, and fills in what is left out."""
    sizes = {i['id']: (i['width'], i['height']) for i in content['images']}
    if len(sizes) < len(content['images']):
        raise DataError(f'{file}: two images have the same id')
    categories = {each['id'] for each in content['categories']}
    if len(categories) < len(content['categories']):
        raise DataError(f'{file}: two categories have the same id')
    for index, each in enumerate(content['annotations']):
        where = f'{file}: annotations[{index}]'
        for key, known in (('image_id', sizes), ('category_id', categories)):
            if each[key] not in known:
                raise DataError(
                    f'{where} has {key}={each[key]!r}, which no entry of '
                    f'{"images" if key == "image_id" else "categories"} has'
                )
        x, y, width, height = _numbers(each['bbox'], where)
        # Files that were joined repeat numbers, of which pycocotools keeps the last
        # box, and it takes 0 for none.
        each['id'] = index + 1
        # mmdetection reads both, and tools that draw boxes write neither.
        each.setdefault('area', width * height)
        each.setdefault('iscrowd', 0)
        across, down = sizes[each['image_id']]
        if width <= 0 or height <= 0 or x >= across or y >= down or x + width <= 0:
            raise DataError(
                f'{where}: the box {each["bbox"]} (x, y, width, height) is empty or '
                f'outside of its picture of {across}x{down} pixels'
            )


def _numbers(box: object, where: str) -> tuple[float, ...]:
    if (
        not isinstance(box, list)
        or len(box) != 4
        or not all(isinstance(each, (int, float)) and isfinite(each) for each in box)
    ):
        raise DataError(f'{where}: a box is [x, y, width, height], got {box!r:.80}')
    return tuple(box)
