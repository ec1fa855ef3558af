import json

import cv2
import numpy as np
import pytest
from mmseg.datasets import ADE20KDataset, CityscapesDataset, MapillaryDataset_v1

from diffmm.datasets import MapillaryCityscapesDataset
from diffmm.mini_world import (
    MINI_CLASSES,
    OBJECT_CLASSES,
    SceneSampler,
    stylize,
    write_captions,
)
from diffmm.mini_world.classes import ADE20K_INDEX, ADE20K_PALETTE
from diffmm.mini_world.layouts.encoding import label_map
from diffmm.mini_world.layouts.segmentation import (
    IGNORED,
    MAPILLARY_IDS,
    TRAIN_IDS,
    UNLABELED,
    Ade20kLayout,
)
from tests.mini_world.jpeg_round_trip import jpeg_round_trip

NUM_TRAIN, NUM_VAL = 24, 12


@pytest.fixture
def world(worlds):
    return worlds / 'ade20k'


def dataset(root, split, **kwargs):
    return ADE20KDataset(
        data_root=str(root),
        data_prefix=dict(
            img_path=f'images/{split}', seg_map_path=f'annotations/{split}'
        ),
        pipeline=[dict(type='LoadImageFromFile'), dict(type='mmseg.LoadAnnotations')],
        **kwargs,
    )


def mask_file(root, split, index):
    folder = {'train': 'training', 'val': 'validation'}[split]
    return root / f'annotations/{folder}/ADE_{split}_{index + 1:08d}.png'


def image_file(root, split, index):
    folder = {'train': 'training', 'val': 'validation'}[split]
    return root / f'images/{folder}/ADE_{split}_{index + 1:08d}.jpg'


def test_mask_comes_before_the_picture(tmp_path, render):
    made = Ade20kLayout(tmp_path).scene_files(render('ade20k', 'val', 41), 'val', 41)
    assert list(made.files) == [
        'annotations/validation/ADE_val_00000042.png',
        'images/validation/ADE_val_00000042.jpg',
    ]


def test_mask_file_holds_the_class_index_plus_one(world, render):
    for index in range(NUM_VAL):
        path = mask_file(world, 'val', index)
        mask = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert mask.dtype == np.uint8 and mask.shape == (96, 96)
        assert np.array_equal(mask, render('ade20k', 'val', index).ade20k_index + 1)


def test_picture_file_holds_the_picture(world, render):
    path = image_file(world, 'train', 3)
    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    assert np.array_equal(image, jpeg_round_trip(render('ade20k', 'train', 3).image))


def test_captions_are_found_by_the_file_name(world, render):
    path = world / 'captions/ade20k_captions.json'
    captions = json.loads(path.read_text())
    assert len(captions) == NUM_TRAIN + NUM_VAL
    expected = write_captions(render('ade20k', 'val', 2).scene)
    assert captions['ADE_val_00000003.jpg'] == {'captions': expected}


def test_ade20k_dataset_reads_it_with_all_150_classes(world, render):
    data = dataset(world, 'training')
    assert len(data) == NUM_TRAIN and len(data.metainfo['classes']) == 150
    for index in range(0, NUM_TRAIN, 7):
        truth = render('ade20k', 'train', index)
        sample = data[index]
        assert np.array_equal(sample['gt_seg_map'], truth.ade20k_index)
        image = sample['img'][..., ::-1]
        assert np.array_equal(image, jpeg_round_trip(truth.image))


def test_ade20k_dataset_reads_it_with_the_16_classes(world, render):
    # mmseg first lowers every label by one, then applies the map of the subset.
    data = dataset(world, 'training', metainfo=dict(classes=MINI_CLASSES))
    assert data.metainfo['classes'] == MINI_CLASSES
    palette = [tuple(color) for color in data.metainfo['palette']]
    assert palette == [ADE20K_PALETTE[name] for name in MINI_CLASSES]
    seen = set()
    for index in range(NUM_TRAIN):
        labels = data[index]['gt_seg_map']
        expected = render('ade20k', 'train', index).ade20k_index
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


# What Cityscapes has no class for, and what does not occur outdoors.
WITHOUT_CLASS = {'boat', 'box', 'ball'}
INDOORS = {'wall', 'floor', 'chair', 'lamp', 'bottle', 'clock'}
CITYSCAPES_NAMES = {
    'house': 'building',
    'tree': 'vegetation',
    'flower': 'vegetation',
    'grass': 'terrain',
    'sky': 'sky',
    'person': 'person',
    'car': 'car',
}


def test_every_class_has_a_train_id_or_a_reason_for_none():
    assert set(TRAIN_IDS) | WITHOUT_CLASS | INDOORS == set(MINI_CLASSES)
    classes = CityscapesDataset.METAINFO['classes']
    assert {
        name: classes[label] for name, label in TRAIN_IDS.items()
    } == CITYSCAPES_NAMES


@pytest.mark.parametrize(('split', 'count'), [('train', 24), ('val', 12)])
def test_cityscapes_dataset_reads_it(host_dataset, render, split, count):
    prefix = dict(img_path=f'leftImg8bit/{split}', seg_map_path=f'gtFine/{split}')
    data = host_dataset('cityscapes', data_prefix=prefix)
    assert len(data) == count
    seen = set()
    for index in range(count):
        truth, sample = render('cityscapes', split, index), data[index]
        assert truth.scene.background.place == 'outdoor'
        labels = sample['data_samples'].gt_sem_seg.data[0].numpy()
        assert np.array_equal(labels, label_map(truth, TRAIN_IDS, IGNORED))
        image = sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1]
        assert np.array_equal(image, truth.image)
        seen.update(np.unique(labels).tolist())
    assert seen >= {9, 10, 255} and seen <= {*TRAIN_IDS.values(), 255}


def test_captions_are_found_by_city_and_file(worlds, host_dataset, render):
    captions = json.loads(
        (worlds / 'cityscapes/captions/cityscapes_captions.json').read_text()
    )
    assert len(captions) == 24 + 12
    data = host_dataset('cityscapes')
    path = data.get_data_info(5)['img_path']
    key = '/'.join(path.split('/')[-2:])
    assert key == 'northtown/northtown_000005_000019_leftImg8bit.png'
    expected = write_captions(render('cityscapes', 'train', 5).scene)
    assert captions[key] == {'captions': expected}


MAPILLARY_NAMES = {
    'house': 'Building',
    'person': 'Person',
    'sky': 'Sky',
    'grass': 'Terrain',
    'tree': 'Vegetation',
    'flower': 'Vegetation',
    'boat': 'Boat',
    'car': 'Car',
}


def mapillary_prefix(folder):
    return dict(
        data_prefix=dict(
            img_path=f'{folder}/images', seg_map_path=f'{folder}/v1.2/labels'
        )
    )


def test_numbers_are_those_of_mapillary_1_2():
    classes = MapillaryDataset_v1.METAINFO['classes']
    assert {
        name: classes[number] for name, number in MAPILLARY_IDS.items()
    } == MAPILLARY_NAMES
    assert classes[UNLABELED] == 'Unlabeled'


@pytest.mark.parametrize(
    ('split', 'folder', 'count'), [('train', 'training', 24), ('val', 'validation', 12)]
)
def test_the_host_reads_mapillary_with_all_classes(
    host_dataset, render, split, folder, count
):
    data = host_dataset('mapillary', **mapillary_prefix(folder))
    assert len(data) == count
    for index in range(count):
        truth, sample = render('mapillary', split, index), data[index]
        assert truth.scene.background.place == 'outdoor'
        labels = sample['data_samples'].gt_sem_seg.data[0].numpy()
        assert np.array_equal(labels, label_map(truth, MAPILLARY_IDS, UNLABELED))
        image = sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1]
        assert np.array_equal(image, jpeg_round_trip(truth.image))


def test_mapillary_with_the_classes_of_cityscapes_is_like_cityscapes(worlds, render):
    pipeline = [
        dict(type='LoadImageFromFile'),
        dict(type='LoadMappedLabels'),
        dict(type='mmseg.PackSegInputs'),
    ]
    data = MapillaryCityscapesDataset(
        data_root=str(worlds / 'mapillary'),
        pipeline=pipeline,
        **mapillary_prefix('training'),
    )
    for index in range(len(data)):
        truth = render('mapillary', 'train', index)
        labels = data[index]['data_samples'].gt_sem_seg.data[0].numpy()
        assert np.array_equal(labels, label_map(truth, TRAIN_IDS, IGNORED))


def test_dark_zurich_dataset_reads_it(host_dataset, render):
    data = host_dataset('dark_zurich')
    assert len(data) == 12
    for index in range(12):
        truth, sample = render('dark_zurich', 'val', index), data[index]
        labels = sample['data_samples'].gt_sem_seg.data[0].numpy()
        assert np.array_equal(labels, label_map(truth, TRAIN_IDS, IGNORED))
        image = sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1]
        assert np.array_equal(image, stylize(truth, 'night'))


def test_training_pictures_have_no_labels(worlds):
    root = worlds / 'dark_zurich'
    assert len(list(root.glob('rgb_anon/train/night/GOPR0351/*_rgb_anon.png'))) == 24
    assert not (root / 'gt/train').exists()


def test_captions_are_found_below_the_split(worlds):
    root = worlds / 'dark_zurich'
    captions = json.loads((root / 'captions/dark_zurich_captions.json').read_text())
    assert len(captions) == 36
    found = [
        path.relative_to(root / 'rgb_anon/val').as_posix()
        for path in root.glob('rgb_anon/val/night/*/*.png')
    ]
    assert len(found) == 12 and set(found) < set(captions)


def test_night_driving_dataset_reads_it(host_dataset, render):
    data = host_dataset('nighttime_driving')
    assert len(data) == 12
    for index in range(12):
        truth, sample = render('nighttime_driving', 'val', index), data[index]
        labels = sample['data_samples'].gt_sem_seg.data[0].numpy()
        assert np.array_equal(labels, label_map(truth, TRAIN_IDS, IGNORED))
        image = sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1]
        assert np.array_equal(image, stylize(truth, 'night'))


def test_it_is_a_test_set_only(worlds):
    root = worlds / 'nighttime_driving'
    captions = json.loads(
        (root / 'captions/nighttimedriving_captions.json').read_text()
    )
    assert 'night/0_frame_0011_leftImg8bit.png' in captions and len(captions) == 12
    assert [path.name for path in (root / 'leftImg8bit').iterdir()] == ['test']
    assert len(list(root.rglob('*.png'))) == 24
