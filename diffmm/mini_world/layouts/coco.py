"""COCO's layout, and its records of pictures and instances."""

from __future__ import annotations

import numpy as np
from pycocotools import mask as coco_mask

from ..drawing.rendered_scene import RenderedScene
from ..language.captions import write_captions
from ..scenes.pose import KEYPOINTS
from .encoding import jpeg, json_bytes
from .layout import Layout, SceneFiles

_GROUPS = {
    'person': 'person:1',
    'vehicle': 'bicycle:2 car:3 motorcycle:4 airplane:5 bus:6 train:7 truck:8 boat:9',
    'outdoor': 'traffic_light:10 fire_hydrant:11 stop_sign:13 parking_meter:14 '
    'bench:15',
    'animal': 'bird:16 cat:17 dog:18 horse:19 sheep:20 cow:21 elephant:22 bear:23 '
    'zebra:24 giraffe:25',
    'accessory': 'backpack:27 umbrella:28 handbag:31 tie:32 suitcase:33',
    'sports': 'frisbee:34 skis:35 snowboard:36 sports_ball:37 kite:38 baseball_bat:39 '
    'baseball_glove:40 skateboard:41 surfboard:42 tennis_racket:43',
    'kitchen': 'bottle:44 wine_glass:46 cup:47 fork:48 knife:49 spoon:50 bowl:51',
    'food': 'banana:52 apple:53 sandwich:54 orange:55 broccoli:56 carrot:57 '
    'hot_dog:58 pizza:59 donut:60 cake:61',
    'furniture': 'chair:62 couch:63 potted_plant:64 bed:65 dining_table:67 toilet:70',
    'electronic': 'tv:72 laptop:73 mouse:74 remote:75 keyboard:76 cell_phone:77',
    'appliance': 'microwave:78 oven:79 toaster:80 sink:81 refrigerator:82',
    'indoor': 'book:84 clock:85 vase:86 scissors:87 teddy_bear:88 hair_drier:89 '
    'toothbrush:90',
}


def _categories() -> list[dict]:
    rows = []
    for group, text in _GROUPS.items():
        for entry in text.split():
            name, number = entry.split(':')
            name = name.replace('_', ' ')
            rows.append(dict(supercategory=group, id=int(number), name=name))
    return rows


# All 80: readers number the categories of a file, so a shorter list would shift every
# label.
CATEGORIES = _categories()

# COCO has no category for tree, house, lamp and box.
CATEGORY_IDS = {
    'person': 1,
    'car': 3,
    'boat': 9,
    'ball': 37,
    'bottle': 44,
    'chair': 62,
    'flower': 64,
    'clock': 85,
}

# Pairs of keypoint numbers, from one.
SKELETON = (
    (16, 14),
    (14, 12),
    (17, 15),
    (15, 13),
    (12, 13),
    (6, 12),
    (7, 13),
    (6, 7),
    (6, 8),
    (7, 9),
    (8, 10),
    (9, 11),
    (2, 3),
    (1, 2),
    (1, 3),
    (2, 4),
    (3, 5),
    (4, 6),
    (5, 7),
)

INFO = dict(description='mini world')
# First ids of pictures, so that no id occurs in both splits.
FIRST_IMAGE = {'train': 1, 'val': 10_000_001}
# Annotation ids are made of the picture's id and the object's number.
IDS_PER_IMAGE = 100


def image_id(split: str, index: int) -> int:
    """Id of a picture, unique over both splits."""
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
        number: Id of the picture.
        category_ids: Categories of the classes to annotate.

    Returns:
        One record per object. Masks are run lengths of the visible part, boxes
        ``[x, y, width, height]`` in pixels. The id modulo `IDS_PER_IMAGE` is the
        object's number in the scene.
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


def encode_mask(mask: np.ndarray) -> dict:
    """Encodes a mask as COCO's compressed run lengths.

    Run lengths are exact; polygons would lose holes and move edges.

    Args:
        mask: ``(H, W)`` bool.

    Returns:
        ``dict(size=[H, W], counts=str)``, ready for JSON.
    """
    encoded = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    return dict(size=encoded['size'], counts=encoded['counts'].decode('ascii'))


def keypoint_fields(keypoints: np.ndarray) -> dict:
    """Additional fields of a person.

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


class CocoLayout(Layout):
    """COCO 2017: instances, person keypoints and captions.

    Read by the classes named ``CocoDataset`` of mmdetection and mmpose. Categories are
    COCO's; objects of classes without a category (see `CATEGORY_IDS`) are not
    annotated.
    """

    top_entries = ('train2017', 'val2017', 'annotations')

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture; all annotations are kept for the summaries."""
        number = image_id(split, index)
        name = f'{number:012d}.jpg'
        annotations = instance_records(rendered, number, CATEGORY_IDS)
        for annotation in annotations:
            keypoints = rendered.keypoints.get(annotation['id'] % IDS_PER_IMAGE)
            if keypoints is not None:
                annotation.update(keypoint_fields(keypoints))
        record = dict(
            image=image_record(rendered, number, name),
            annotations=annotations,
            captions=write_captions(rendered.scene),
        )
        return SceneFiles({f'{split}2017/{name}': jpeg(self.picture(rendered))}, record)

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Three annotation files per split."""
        files = {}
        for split, rows in records.items():
            if rows:
                for name, content in _annotation_files(rows).items():
                    files[f'annotations/{name}_{split}2017.json'] = json_bytes(content)
        return files


def _annotation_files(records: list[dict]) -> dict[str, dict]:
    images = [record['image'] for record in records]
    annotations = [item for record in records for item in record['annotations']]
    persons = [item for item in annotations if 'keypoints' in item]
    extra = ('keypoints', 'num_keypoints')
    instances = [
        {key: value for key, value in item.items() if key not in extra}
        for item in annotations
    ]
    person = next(row for row in CATEGORIES if row['name'] == 'person')
    person = dict(person, keypoints=list(KEYPOINTS), skeleton=list(SKELETON))
    head = dict(info=INFO, licenses=[], images=images)
    return dict(
        instances=dict(head, annotations=instances, categories=CATEGORIES),
        person_keypoints=dict(head, annotations=persons, categories=[person]),
        captions=dict(head, annotations=_caption_annotations(records)),
    )


def _caption_annotations(records: list[dict]) -> list[dict]:
    return [
        dict(
            id=record['image']['id'] * IDS_PER_IMAGE + number,
            image_id=record['image']['id'],
            caption=caption,
        )
        for record in records
        for number, caption in enumerate(record['captions'])
    ]
