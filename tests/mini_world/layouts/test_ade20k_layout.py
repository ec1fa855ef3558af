import json

import cv2
import numpy as np
import pytest
from mmseg.datasets import ADE20KDataset

from diffmm.mini_world import (
    MINI_CLASSES,
    OBJECT_CLASSES,
    Renderer,
    SceneSampler,
    generate,
)
from diffmm.mini_world.classes import ADE20K_INDEX, ADE20K_PALETTE
from diffmm.mini_world.layouts.ade20k_layout import Ade20kLayout
from tests.mini_world.jpeg_round_trip import jpeg_round_trip

NUM_TRAIN, NUM_VAL = 40, 10


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    root = tmp_path_factory.mktemp('world') / 'ade'
    generate(root, num_train=NUM_TRAIN, num_val=NUM_VAL, size=96)
    return root


def dataset(root, split, **kwargs):
    return ADE20KDataset(
        data_root=str(root),
        data_prefix=dict(
            img_path=f'images/{split}', seg_map_path=f'annotations/{split}'
        ),
        pipeline=[dict(type='LoadImageFromFile'), dict(type='mmseg.LoadAnnotations')],
        **kwargs,
    )


def rendered(split, index):
    return Renderer(96).render(SceneSampler(0).sample(split, index))


def mask_file(root, split, index):
    folder = {'train': 'training', 'val': 'validation'}[split]
    return root / f'annotations/{folder}/ADE_{split}_{index + 1:08d}.png'


def image_file(root, split, index):
    folder = {'train': 'training', 'val': 'validation'}[split]
    return root / f'images/{folder}/ADE_{split}_{index + 1:08d}.jpg'


def test_mask_comes_before_the_picture(tmp_path):
    made = Ade20kLayout(tmp_path).scene_files(rendered('val', 41), 'val', 41)
    assert list(made.files) == [
        'annotations/validation/ADE_val_00000042.png',
        'images/validation/ADE_val_00000042.jpg',
    ]


def test_mask_file_holds_the_class_index_plus_one(world):
    for index in range(NUM_VAL):
        path = mask_file(world, 'val', index)
        mask = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert mask.dtype == np.uint8 and mask.shape == (96, 96)
        assert np.array_equal(mask, rendered('val', index).ade20k_index + 1)


def test_picture_file_holds_the_picture(world):
    path = image_file(world, 'train', 3)
    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    assert np.array_equal(image, jpeg_round_trip(rendered('train', 3).image))


def test_captions_are_found_by_the_file_name(world):
    path = world / 'captions/ade20k_captions.json'
    captions = json.loads(path.read_text())
    assert len(captions) == NUM_TRAIN + NUM_VAL
    expected = rendered('val', 2).scene.captions
    assert captions['ADE_val_00000003.jpg'] == {'captions': expected}


def test_ade20k_dataset_reads_it_with_all_150_classes(world):
    data = dataset(world, 'training')
    assert len(data) == NUM_TRAIN and len(data.metainfo['classes']) == 150
    for index in range(0, NUM_TRAIN, 7):
        truth = rendered('train', index)
        sample = data[index]
        assert np.array_equal(sample['gt_seg_map'], truth.ade20k_index)
        image = sample['img'][..., ::-1]
        assert np.array_equal(image, jpeg_round_trip(truth.image))


def test_ade20k_dataset_reads_it_with_the_16_classes(world):
    # mmseg first lowers every label by one, then applies the map of the subset.
    data = dataset(world, 'training', metainfo=dict(classes=MINI_CLASSES))
    assert data.metainfo['classes'] == MINI_CLASSES
    palette = [tuple(colour) for colour in data.metainfo['palette']]
    assert palette == [ADE20K_PALETTE[name] for name in MINI_CLASSES]
    seen = set()
    for index in range(NUM_TRAIN):
        labels = data[index]['gt_seg_map']
        expected = rendered('train', index).ade20k_index
        found = np.array([ADE20K_INDEX[name] for name in MINI_CLASSES])[labels]
        assert np.array_equal(found, expected)
        seen.update(np.unique(labels).tolist())
    assert seen == set(range(16))


def test_masks_agree_with_the_objects_of_the_scene(world):
    data = dataset(world, 'validation')
    assert len(data) == NUM_VAL
    objects = {ADE20K_INDEX[name] for name in OBJECT_CLASSES}
    for index in range(NUM_VAL):
        scene = SceneSampler(0).sample('val', index)
        found = set(np.unique(data[index]['gt_seg_map']).tolist())
        expected = {ADE20K_INDEX[item.name] for item in scene.objects}
        assert found & objects == expected
        assert ADE20K_INDEX[scene.background.ground_class] in found
