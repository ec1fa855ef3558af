"""RefCOCO's layout."""

from __future__ import annotations

import pickle
import re

from ..drawing.rendered_scene import RenderedScene
from ..language.expressions import refer
from .coco import (
    CATEGORIES,
    CATEGORY_IDS,
    IDS_PER_IMAGE,
    INFO,
    image_id,
    image_record,
    instance_records,
)
from .encoding import jpeg, json_bytes
from .layout import Layout, SceneFiles

# Expressions refer to any object, so objects without a category of COCO get one here.
OTHER_CATEGORY_IDS = {'tree': 1001, 'house': 1002, 'lamp': 1003, 'box': 1004}
ALL_CATEGORY_IDS = {**CATEGORY_IDS, **OTHER_CATEGORY_IDS}
# Fixed, so that all versions of Python write the same bytes.
PICKLE_PROTOCOL = 2
SENTENCES_PER_IMAGE = 1000


class RefCocoLayout(Layout):
    """``refs(unc).p`` and ``instances.json`` on pictures named as in COCO train2014.

    Read by mmdetection's ``RefCocoDataset``. The training scenes are the split train.
    Validation scenes with an even number are val. The others are testA if a person is
    visible, and testB if not. Expressions of testA refer to persons only.
    """

    top_entries = ('train2014', 'refcoco')

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture; annotations and expressions are kept for the summaries."""
        number = image_id(split, index)
        name = f'COCO_train2014_{number:012d}.jpg'
        annotations = instance_records(rendered, number, ALL_CATEGORY_IDS)
        part = _part(rendered, split, index)
        record = dict(
            image=image_record(rendered, number, name),
            annotations=annotations,
            split=part,
            sentences=_sentences(rendered, part == 'testA'),
        )
        return SceneFiles({f'train2014/{name}': jpeg(self.picture(rendered))}, record)

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Instances and references."""
        rows = [record for split in records.values() for record in split]
        others = [
            dict(supercategory='other', id=number, name=name)
            for name, number in OTHER_CATEGORY_IDS.items()
        ]
        instances = dict(
            info=INFO,
            licenses=[],
            images=[record['image'] for record in rows],
            annotations=[item for record in rows for item in record['annotations']],
            categories=[*CATEGORIES, *others],
        )
        refs = [ref for record in rows for ref in _references(record)]
        return {
            'refcoco/instances.json': json_bytes(instances),
            'refcoco/refs(unc).p': pickle.dumps(refs, PICKLE_PROTOCOL),
        }


def _part(rendered: RenderedScene, split: str, index: int) -> str:
    if split == 'train' or index % 2 == 0:
        return split
    persons = [item.name == 'person' for item in rendered.scene.objects]
    seen = rendered.visible.any(axis=(1, 2))
    return 'testA' if any(seen & persons) else 'testB'


def _sentences(rendered: RenderedScene, persons_only: bool) -> list:
    """Pairs of a visible object's number and all its expressions."""
    texts: dict[int, list[str]] = {}
    visible = rendered.visible.any(axis=(1, 2))
    for expression in refer(rendered.scene):
        index = expression.object_index
        is_person = rendered.scene.objects[index].name == 'person'
        if visible[index] and (is_person or not persons_only):
            texts.setdefault(index, []).append(expression.text)
    return [[index, texts[index]] for index in sorted(texts)]


def _references(record: dict) -> list[dict]:
    """Entries of one picture: one per object, with all its expressions.

    Ids are made of the picture's id and a number within the picture.
    """
    refs = []
    annotations = {item['id'] % IDS_PER_IMAGE: item for item in record['annotations']}
    number = record['image']['id']
    first = number * SENTENCES_PER_IMAGE
    for index, texts in record['sentences']:
        annotation = annotations[index]
        sent_ids = list(range(first, first + len(texts)))
        first += len(texts)
        stem = record['image']['file_name'].removesuffix('.jpg')
        refs.append(
            dict(
                ref_id=annotation['id'],
                ann_id=annotation['id'],
                image_id=number,
                category_id=annotation['category_id'],
                file_name=f'{stem}_{index}.jpg',
                split=record['split'],
                sent_ids=sent_ids,
                sentences=[
                    _sentence(text, sent_id)
                    for text, sent_id in zip(texts, sent_ids, strict=True)
                ],
            )
        )
    return refs


def _sentence(text: str, sent_id: int) -> dict:
    tokens = re.findall(r'[a-z0-9]+', text.lower())
    return dict(raw=text, sent=' '.join(tokens), sent_id=sent_id, tokens=tokens)
