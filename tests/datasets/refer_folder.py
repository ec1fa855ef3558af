"""Small folders in the layout of RefCOCO."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import cv2
import numpy as np

HEIGHT, WIDTH = 20, 30
# Two squares that share 25 pixels, and one alone.
TWO_SQUARES = [[0, 0, 10, 0, 10, 10, 0, 10], [5, 5, 15, 5, 15, 15, 5, 15]]
ONE_SQUARE = [[20, 2, 26, 2, 26, 8, 20, 8]]


def reference(number: int, *sentences: str, split: str = 'train', **changes) -> dict:
    """A reference to object ``number`` (1 or 2) of picture 7."""
    rows = [
        dict(raw=text.upper(), sent=text, sent_id=10 * number + i, tokens=text.split())
        for i, text in enumerate(sentences)
    ]
    return (
        dict(
            ref_id=100 + number,
            ann_id=number,
            image_id=7,
            category_id=1,
            file_name=f'COCO_train2014_000000000007_{number}.jpg',
            split=split,
            sent_ids=[row['sent_id'] for row in rows],
            sentences=rows,
        )
        | changes
    )


def write_folder(
    root: Path, *refs: dict, name: str = 'refcoco', split_by: str = 'unc', **changes
) -> Path:
    """Writes references and a picture with two objects; returns the root.

    ``changes`` replace the ``segmentation`` of object 1, or ``images`` and
    ``annotations`` of the file.
    """
    squares = changes.pop('segmentation', TWO_SQUARES)
    instances = dict(
        images=[dict(id=7, file_name='a.jpg', height=HEIGHT, width=WIDTH)],
        annotations=[
            dict(id=1, image_id=7, category_id=1, segmentation=squares),
            dict(id=2, image_id=7, category_id=1, segmentation=ONE_SQUARE),
        ],
        categories=[dict(id=1, name='thing')],
    )
    (root / name).mkdir(parents=True, exist_ok=True)
    (root / 'train2014').mkdir(exist_ok=True)
    (root / name / 'instances.json').write_text(json.dumps(instances | changes))
    (root / name / f'refs({split_by}).p').write_bytes(pickle.dumps(list(refs), 2))
    picture = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3))
    cv2.imwrite(str(root / 'train2014' / 'a.jpg'), picture)
    return root
