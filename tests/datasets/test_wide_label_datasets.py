import cv2
import numpy as np
import pytest
from mmengine.registry import DATASETS
from mmseg.evaluation import IoUMetric

from diffmm.datasets.wide_label_datasets import IGNORED


@pytest.mark.parametrize(
    ('kind', 'count', 'names'),
    [
        ('PascalContext459Dataset', 459, {0: 'accordion', 58: 'car', 458: 'wool'}),
        ('ADE20KFullDataset', 847, {1: 'building, edifice', 212: 'clock', 255: 'pier'}),
    ],
)
def test_labels_keep_their_16_bits_into_the_metric(tmp_path, kind, count, names):
    labels = np.array([[0, 58, count - 1, IGNORED], [255, 256, 300, 1]], np.uint16)
    for name, content in (
        ('i/a.jpg', np.zeros((2, 4, 3), np.uint8)),
        ('s/a.tif', labels),
    ):
        (tmp_path / name).parent.mkdir()
        cv2.imwrite(str(tmp_path / name), content)
    dataset = DATASETS.build(
        dict(
            type=kind,
            data_root=str(tmp_path),
            data_prefix=dict(img_path='i', seg_map_path='s'),
            pipeline=[
                dict(type='LoadImageFromFile'),
                dict(type='LoadWideLabels'),
                dict(type='mmseg.PackSegInputs'),
            ],
        )
    )
    classes = dataset.metainfo['classes']
    assert len(classes) == count
    for number, name in names.items():
        assert classes[number] == name
    found = dataset[0]['data_samples'].gt_sem_seg.data
    assert np.array_equal(found[0].numpy(), labels.astype(int))
    areas = IoUMetric.intersect_and_union(
        found[0].clone(), found[0], count, dataset.ignore_index
    )
    intersect, _, _, label = (area.numpy() for area in areas)
    assert label.sum() == 7 and np.array_equal(intersect, label)
