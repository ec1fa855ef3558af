"""COCO's description of pictures and instances."""

from __future__ import annotations

import numpy as np

from ..drawing.rendered_scene import RenderedScene
from .rle import encode_mask

# Validation pictures are numbered from here, so that no number occurs twice.
FIRST_IMAGE = {'train': 1, 'val': 10_000_001}
# Annotation ids are made of the picture's id and the object's number.
IDS_PER_IMAGE = 100


def image_id(split: str, index: int) -> int:
    """Number of a picture, unique over both splits."""
    return FIRST_IMAGE[split] + index


def image_record(rendered: RenderedScene, number: int, file_name: str) -> dict:
    """Entry of a picture in ``images``."""
    height, width = rendered.image.shape[:2]
    return dict(id=number, file_name=file_name, height=height, width=width)


def instance_records(
    rendered: RenderedScene, number: int, category_ids: dict[str, int]
) -> list[dict]:
    """Entries of a picture's visible objects in ``annotations``.

    Args:
        rendered: The scene.
        number: Number of the picture.
        category_ids: Categories of the classes that are annotated.

    Returns:
        Masks are run lengths of the visible part, boxes ``[x, y, width, height]`` in
        pixels. The object's number in the scene is the id's remainder modulo
        `IDS_PER_IMAGE`.
    """
    records = []
    visible, boxes = rendered.visible, rendered.boxes
    for index, item in enumerate(rendered.scene.objects):
        area = int(visible[index].sum())
        if item.name not in category_ids or not area:
            continue
        left, top, right, bottom = (float(value) for value in boxes[index])
        records.append(
            dict(
                id=number * IDS_PER_IMAGE + index,
                image_id=number,
                category_id=category_ids[item.name],
                bbox=[left, top, right - left, bottom - top],
                area=area,
                iscrowd=0,
                segmentation=encode_mask(visible[index]),
            )
        )
    return records


def keypoint_fields(keypoints: np.ndarray) -> dict:
    """Fields that a person has beside those of any instance.

    Args:
        keypoints: ``(17, 3)``: x, y in pixels and visibility 0, 1 or 2.
    """
    points = keypoints.astype(np.float64)
    points[points[:, 2] == 0] = 0
    rows = [[round(x, 2), round(y, 2), int(v)] for x, y, v in points.tolist()]
    return dict(
        num_keypoints=int((points[:, 2] > 0).sum()),
        keypoints=[value for row in rows for value in row],
    )
