"""The hosts' own inference on a picture, with our configs and a Runner's checkpoint."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

import diffmm  # noqa: F401
from tests import tiny
from tests.integration.experiment import DETECTION, MINI, POSE, ROOT

DEPTH = ROOT / 'configs/vpd/vpd_mini_depth_1xb8-2e_mini-nyu-96x96.py'
REFERRING = ROOT / 'configs/vpd/vpd_mini_lavt_1xb8-2e_mini-refcoco-128x128.py'
SIZE = (100, 140)


def train(config: Path, data: Path, folder: Path) -> str:
    """Trains for an iteration or two, from random weights; returns the checkpoint."""
    cfg = Config.fromfile(config)
    cfg.model.backbone.pretrained = None
    cfg.work_dir, cfg.experiment_name = str(folder), folder.name
    cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
    cfg.test_dataloader = cfg.test_cfg = cfg.test_evaluator = None
    loader = cfg.train_dataloader
    loader.update(batch_size=2, num_workers=0, persistent_workers=False)
    loader.dataset.update(data_root=str(data), indices=2)
    length = 'max_iters' if cfg.train_cfg.type == 'IterBasedTrainLoop' else 'max_epochs'
    cfg.train_cfg.update({length: 1, 'val_interval': 100})
    cfg.default_hooks.checkpoint.update(interval=1, save_best=None)
    cfg.custom_hooks = []
    with tiny.quiet():
        Runner.from_cfg(cfg).train()
    (checkpoint,) = folder.glob('*.pth')
    return str(checkpoint)


@pytest.fixture(scope='module')
def segmentor(tmp_path_factory, mini_data) -> str:
    return train(MINI, mini_data, tmp_path_factory.mktemp('segmentor'))


@pytest.fixture(scope='module')
def detector(tmp_path_factory, mini_coco) -> str:
    return train(DETECTION, mini_coco, tmp_path_factory.mktemp('detector'))


@pytest.fixture(scope='module')
def estimator(tmp_path_factory, mini_coco) -> str:
    return train(POSE, mini_coco, tmp_path_factory.mktemp('estimator'))


@pytest.fixture
def photo(tmp_path, monkeypatch) -> str:
    """A picture in a folder without any data set, on a machine without a network."""
    monkeypatch.chdir(tmp_path)
    attempts = tiny.block_network(monkeypatch)
    pixels = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / 'photo.jpg'), cv2.blur(pixels, (9, 9)))
    yield str(tmp_path / 'photo.jpg')
    assert not attempts


def test_mmseg(segmentor, photo, tmp_path):
    from mmseg.apis import MMSegInferencer, inference_model, init_model

    model = init_model(str(MINI), segmentor, device='cpu')
    classes = model.cfg.test_dataloader.dataset.metainfo.classes
    assert model.dataset_meta['classes'] == tuple(classes)
    labels = inference_model(model, photo).pred_sem_seg.data[0]
    assert labels.shape == SIZE

    inferencer = MMSegInferencer(str(MINI), segmentor, device='cpu')
    result = inferencer(photo, out_dir=str(tmp_path / 'out'))
    assert np.array_equal(result['predictions'], labels)
    assert cv2.imread(str(tmp_path / 'out/vis/photo.jpg')).shape == (*SIZE, 3)


def test_mmdet(detector, photo, tmp_path):
    from mmdet.apis import DetInferencer, inference_detector, init_detector

    model = init_detector(str(DETECTION), detector, device='cpu')
    found = inference_detector(model, photo).pred_instances
    assert 0 < len(found) <= 100 and found.labels.max() < 8
    assert model.dataset_meta['classes'][:2] == ('person', 'car')

    inferencer = DetInferencer(str(DETECTION), detector, device='cpu')
    result = inferencer(photo, out_dir=str(tmp_path / 'out'))['predictions'][0]
    assert np.allclose(result['bboxes'], found.bboxes)
    assert result['labels'] == found.labels.tolist()
    assert cv2.imread(str(tmp_path / 'out/vis/photo.jpg')).shape == (*SIZE, 3)


def test_mmpose(estimator, photo, tmp_path):
    from mmpose.apis import MMPoseInferencer, inference_topdown, init_model

    model = init_model(str(POSE), estimator, device='cpu')
    (whole,) = inference_topdown(model, photo)
    boxes = np.array([[0, 0, 70, 100], [70, 0, 140, 100]], np.float32)
    persons = inference_topdown(model, photo, boxes)
    assert [len(person.pred_instances) for person in persons] == [1, 1]

    inferencer = MMPoseInferencer(
        str(POSE), estimator, det_model='whole_image', device='cpu'
    )
    result = next(inferencer(photo, vis_out_dir=str(tmp_path / 'out')))
    (person,) = result['predictions'][0]
    assert np.shape(person['keypoints']) == (17, 2)
    assert np.allclose(person['keypoints'], whole.pred_instances.keypoints[0])
    assert cv2.imread(str(tmp_path / 'out/photo.jpg')).shape == (*SIZE, 3)


def test_mmpose_on_the_boxes_of_our_detector(detector, estimator, photo):
    from mmpose.apis import MMPoseInferencer

    inferencer = MMPoseInferencer(
        str(POSE),
        estimator,
        det_model=str(DETECTION),
        det_weights=detector,
        det_cat_ids=list(range(8)),
        device='cpu',
    )
    (persons,) = next(inferencer(photo, bbox_thr=0.0))['predictions']
    assert len(persons) > 1
    assert all(np.shape(person['keypoints']) == (17, 2) for person in persons)


@pytest.mark.parametrize(
    ('config', 'key', 'texts', 'field'),
    [
        (DEPTH, 'scene', ('kitchen', 'bathroom'), 'pred_depth_map'),
        (REFERRING, 'expression', ('the red ball', 'a tree'), 'seg_logits'),
    ],
    ids=['depth', 'referring'],
)
def test_a_text_comes_from_the_pipeline(config, key, texts, field, photo):
    """The hosts' functions take a picture and no text."""
    from mmseg.apis import inference_model, init_model

    cfg = Config.fromfile(config)
    cfg.model.backbone.pretrained = None
    model = init_model(cfg, device='cpu')
    # Decoders start with zeros here and there; the text has to reach the output.
    for parameter in model.parameters():
        parameter.data.add_(0.01)
    plain, outputs = cfg.test_pipeline.copy(), []
    with pytest.raises(ValueError, match=f"needs a text under '{key}' and has None"):
        inference_model(model, photo)
    for text in texts:
        model.cfg.test_pipeline = [
            *plain[:-1],
            dict(type='FixedText', key=key, text=text),
            plain[-1],
        ]
        outputs.append(inference_model(model, photo).get(field).data)
    assert outputs[0].shape[-2:] == SIZE
    assert not np.array_equal(*outputs)
