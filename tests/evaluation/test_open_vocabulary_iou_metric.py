import pytest
import torch

from diffmm.evaluation import OpenVocabularyIoUMetric

CLASSES = ['wall', 'boat, ship', 'potted plant', 'sky']


def evaluate(truth, found, **options):
    metric = OpenVocabularyIoUMetric(**options)
    metric.dataset_meta = dict(classes=CLASSES)
    sample = {
        key: dict(data=torch.tensor([labels]))
        for key, labels in (('gt_sem_seg', truth), ('pred_sem_seg', found))
    }
    metric.process({}, [sample])
    return metric.evaluate(1)


def test_seen_and_unseen_classes_apart():
    """Wall and plant were trained under names that are written otherwise."""
    trained = ['wall-other', 'Potted_Plant', 'water']
    metrics = evaluate([0, 0, 1, 1, 2, 2], [0, 0, 1, 0, 2, 2], trained=trained)
    assert metrics['mIoU'] == pytest.approx((200 / 3 + 50 + 100) / 3, abs=0.01)
    assert metrics['mIoU_seen'] == pytest.approx((200 / 3 + 100) / 2, abs=0.01)
    assert metrics['mIoU_unseen'] == 50


def test_a_side_without_classes_is_left_out():
    metrics = evaluate([0, 0], [0, 0], trained='mmseg.COCOStuffDataset')
    assert metrics['mIoU_seen'] == 100 and 'mIoU_unseen' not in metrics
    metrics = evaluate([1, 255], [1, 0], trained=['ship'])
    assert metrics['mIoU_seen'] == 100
