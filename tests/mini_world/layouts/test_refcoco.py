import pickle

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from diffmm.mini_world import generate, refer
from diffmm.mini_world.classes import OBJECT_CLASSES
from diffmm.mini_world.layouts.coco import image_id
from diffmm.mini_world.layouts.refcoco import ALL_CATEGORY_IDS


def parts(render):
    """Number of every validation scene by its split."""
    found = {'val': [], 'testA': [], 'testB': []}
    for index in range(12):
        items = render('refcoco', 'val', index).scene.objects
        person = any(item.name == 'person' for item in items)
        found['val' if index % 2 == 0 else 'testA' if person else 'testB'].append(index)
    return found


def test_every_class_has_a_category():
    assert set(ALL_CATEGORY_IDS) == set(OBJECT_CLASSES)
    assert len(set(ALL_CATEGORY_IDS.values())) == len(OBJECT_CLASSES)


@pytest.mark.parametrize('split', ['train', 'val', 'testA', 'testB'])
def test_refcoco_dataset_reads_it(host_dataset, render, split):
    data = host_dataset('refcoco', split=split, text_mode='original')
    numbers = range(24) if split == 'train' else parts(render)[split]
    scenes = {}
    for index in numbers:
        name = 'train' if split == 'train' else 'val'
        scenes[image_id(name, index)] = render('refcoco', name, index)
    assert {data.get_data_info(i)['img_id'] for i in range(len(data))} <= set(scenes)
    assert len(data) >= 0.8 * len(scenes) > 0
    for i in range(len(data)):
        truth, sample = scenes[data.get_data_info(i)['img_id']], data[i]
        masks = sample['data_samples'].gt_instances.masks.masks.astype(bool)
        texts = sample['data_samples'].text
        by_text = {
            expression.text.lower(): expression.object_index
            for expression in refer(truth.scene)
        }
        if split != 'testA':
            assert set(texts) == set(by_text)
        for text, mask in zip(texts, masks, strict=True):
            item = truth.scene.objects[by_text[text]]
            assert np.array_equal(mask, truth.visible[by_text[text]])
            if split in ('testA', 'testB'):
                assert (item.name == 'person') == (split == 'testA')


def test_references_have_the_fields_of_refcoco(worlds):
    data = (worlds / 'refcoco/refcoco/refs(unc).p').read_bytes()
    refs = pickle.loads(data)
    fields = {
        'ref_id',
        'ann_id',
        'image_id',
        'category_id',
        'file_name',
        'split',
        'sent_ids',
        'sentences',
    }
    sent_ids = [number for ref in refs for number in ref['sent_ids']]
    assert len(set(sent_ids)) == len(sent_ids)
    assert len({ref['ref_id'] for ref in refs}) == len(refs)
    for ref in refs:
        assert set(ref) == fields
        assert ref['file_name'].startswith(f'COCO_train2014_{ref["image_id"]:012d}_')
        for sentence, number in zip(ref['sentences'], ref['sent_ids'], strict=True):
            assert set(sentence) == {'raw', 'sent', 'sent_id', 'tokens'}
            assert sentence['sent_id'] == number
            assert sentence['sent'].split() == sentence['tokens'] != []


def test_masks_of_instances_can_be_decoded_by_refer(worlds):
    import json

    content = json.loads((worlds / 'refcoco/refcoco/instances.json').read_text())
    row = content['annotations'][0]
    assert coco_mask.decode(row['segmentation']).sum() == row['area']
    assert {item['category_id'] for item in content['annotations']} <= {
        item['id'] for item in content['categories']
    }


def test_references_are_equal_after_an_interruption(worlds, tmp_path):
    settings = dict(layout='refcoco', num_train=24, num_val=12, size=96)
    generate(tmp_path, **settings)
    refs = tmp_path / 'refcoco/refs(unc).p'
    refs.unlink()
    (tmp_path / 'records/train/00000003.json').unlink()
    assert generate(tmp_path, **settings) == 1
    expected = (worlds / 'refcoco/refcoco/refs(unc).p').read_bytes()
    assert refs.read_bytes() == expected
