"""The mini world in COCO's layout."""

from __future__ import annotations

from ..drawing.rendered_scene import RenderedScene
from ..scene.pose import KEYPOINTS
from .coco_categories import CATEGORIES, CATEGORY_IDS, SKELETON
from .coco_records import (
    IDS_PER_IMAGE,
    image_id,
    image_record,
    instance_records,
    keypoint_fields,
)
from .encoding import jpeg, json_bytes
from .layout import Layout
from .scene_files import SceneFiles

INFO = dict(description='mini world')


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
            captions=list(rendered.scene.captions),
        )
        return SceneFiles({f'{split}2017/{name}': jpeg(self.picture(rendered))}, record)

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Three annotation files a split."""
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
