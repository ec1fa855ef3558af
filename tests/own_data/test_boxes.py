from __future__ import annotations

import json

import pytest

from diffmm.own_data import DataError
from diffmm.own_data.boxes import read_boxes


def test_classes_stand_in_the_order_of_the_file(photos, boxes):
    """mmdetection numbers them so, whatever their ids are."""
    found = read_boxes(boxes, photos / 'images')
    assert found.names == ('树', 'traffic light')
    assert len(found.images) == 10 and set(found.sizes) == {(96, 72)}
    assert found.table().splitlines()[2].split() == ['树', '7', '10', '5']
    part = found.part(found.images[:2])
    found.content['categories'].append(dict(id=9, name='bus'))
    assert found.table().endswith('note: 1 of 3 categories have no box')
    assert len(part['images']) == 2 and len(part['annotations']) == 4
    assert part['categories'] == found.content['categories']


def edit(boxes, part, index, **changes):
    content = json.loads(boxes.read_text())
    content[part][index].update(changes)
    boxes.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ('part', 'changes', 'message'),
    [
        ('images', dict(file_name='no.jpg'), "1 picture .*such as 'no.jpg'.*--images"),
        ('images', dict(width=100), r'is 100x72, the picture is 96x72'),
        ('images', dict(id=3), 'two images have the same id'),
        ('categories', dict(name='traffic light'), 'traffic light comes twice'),
        ('categories', dict(name=' '), 'but one has none'),
        ('annotations', dict(category_id=5), r'annotations\[0\] has category_id=5'),
        ('annotations', dict(image_id=50), r'annotations\[0\] has image_id=50'),
        ('annotations', dict(bbox=[5, 6, 0, 9]), r'\[5, 6, 0, 9\] .* is empty'),
        ('annotations', dict(bbox=[200, 6, 9, 9]), 'outside of its picture of 96x72'),
        ('annotations', dict(bbox='5 6 9 9'), r'a box is \[x, y, width, height\]'),
        ('annotations', dict(bbox=[5, 6, float('nan'), 9]), r'a box is .*nan'),
        ('categories', dict(id=3), 'two categories have the same id'),
    ],
)
def test_what_does_not_fit_is_named(photos, boxes, part, changes, message):
    edit(boxes, part, 0, **changes)
    with pytest.raises(DataError, match=message) as error:
        read_boxes(boxes, photos / 'images')
    assert 'boxes.json' in str(error.value)


def test_what_tools_leave_out_or_write_otherwise_is_filled_in(photos, boxes):
    content = json.loads(boxes.read_text())
    content['categories'][0]['name'], content['categories'][1]['name'] = 7, ' bus\n'
    for image in content['images']:
        del image['width'], image['height']
    for index, each in enumerate(content['annotations']):
        # Some without number, and the others of two files that were joined.
        each.update(id=index % 5) if index > 3 else each.pop('id')
    boxes.write_text(json.dumps(content))
    found = read_boxes(boxes, photos / 'images')
    assert found.names == ('7', 'bus')
    assert [each['name'] for each in found.content['categories']] == ['7', 'bus']
    assert found.images[0]['width'] == 96 and found.images[0]['height'] == 72
    ids = [each['id'] for each in found.content['annotations']]
    assert ids == list(range(1, 21))


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('', 'cannot be read as JSON'),
        ('[]', "'images' is missing or empty"),
        ('{"images": [{"id": 1}]}', r"images\[0\] has no 'file_name'"),
    ],
)
def test_another_file(photos, boxes, content, message):
    boxes.write_text(content)
    with pytest.raises(DataError, match=message):
        read_boxes(boxes, photos / 'images')
