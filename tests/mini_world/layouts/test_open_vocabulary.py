import cv2
import numpy as np
import pytest

from diffmm.mini_world.classes import ADE20K_INDEX
from diffmm.mini_world.layouts.open_vocabulary import tiff
from tests.mini_world.jpeg_round_trip import jpeg_round_trip

# The classes of the mini world under other names.
SYNONYMS = {
    'sports ball': 'ball',
    'cardboard': 'box',
    'floor-other': 'floor',
    'sky-other': 'sky',
    'wall-other': 'wall',
    'light': 'lamp',
    'building': 'house',
}


@pytest.mark.parametrize(
    ('name', 'ignored', 'missing'),
    [
        ('coco_stuff', 255, set()),
        ('pascal_context59', 255, {'box', 'ball', 'clock'}),
        ('pascal_context459', 65535, set()),
        ('ade847', 65535, set()),
    ],
)
def test_labels_name_the_classes(host_dataset, render, name, ignored, missing):
    data = host_dataset(name)
    classes = [each.split(', ')[0] for each in data.metainfo['classes']]
    found = set()
    for index in range(len(data)):
        labels = data[index]['data_samples'].gt_sem_seg.data[0].numpy()
        truth = render(name, 'train', index).ade20k_index
        for kind, number in ADE20K_INDEX.items():
            here = set(np.unique(labels[truth == number]).tolist())
            if kind in missing:
                assert here <= {ignored}
            elif here:
                (label,) = here
                assert SYNONYMS.get(classes[label], classes[label]) == kind
                found.add(kind)
    assert found == set(ADE20K_INDEX) - missing


@pytest.mark.parametrize(
    ('name', 'split', 'image', 'labels'),
    [
        (
            'coco_stuff',
            'val',
            'images/val2017/000000000003.jpg',
            'annotations/val2017/000000000003_labelTrainIds.png',
        ),
        (
            'pascal_context59',
            'val',
            'JPEGImages/2010_000002.jpg',
            'SegmentationClassContext/2010_000002.png',
        ),
        (
            'pascal_context459',
            'train',
            'images/training/2008_000002.jpg',
            'annotations_ctx459/training/2008_000002.tif',
        ),
        (
            'ade847',
            'val',
            'images_detectron2/validation/ADE_val_00000003.jpg',
            'annotations_detectron2/validation/ADE_val_00000003.tif',
        ),
    ],
)
def test_files_have_the_names_of_the_real_data_set(
    worlds, render, name, split, image, labels
):
    """They are those of the third scene; numbers begin at 1 in COCO and ADE20K."""
    truth = render(name, split, 2)
    found = cv2.imread(str(worlds / name / image))[..., ::-1]
    assert np.array_equal(found, jpeg_round_trip(truth.image))
    wide = name in ('pascal_context459', 'ade847')
    found = cv2.imread(str(worlds / name / labels), cv2.IMREAD_UNCHANGED)
    assert found.dtype == (np.uint16 if wide else np.uint8)
    assert found.shape == truth.image.shape[:2]


def test_context_lists_name_every_scene_once(worlds):
    folder = worlds / 'pascal_context59/ImageSets/SegmentationContext'
    train, val = ((folder / f'{split}.txt').read_text() for split in ('train', 'val'))
    assert train.splitlines() == [f'2008_{index:06d}' for index in range(24)]
    assert val.splitlines() == [f'2010_{index:06d}' for index in range(12)]


def test_a_tiff_keeps_every_value():
    values = np.array([[0, 1, 255], [256, 846, 65535]], np.uint16)
    found = cv2.imdecode(np.frombuffer(tiff(values), np.uint8), cv2.IMREAD_UNCHANGED)
    assert found.dtype == np.uint16 and np.array_equal(found, values)
