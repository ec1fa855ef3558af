"""Batches of noise with keypoints, for any config of mmpose (needs mmpose)."""

from __future__ import annotations

from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATASETS, TRANSFORMS, DefaultScope

Batch = dict[str, Any]
SIDE = 256
# Transforms that read a file, need other images of a data set or a further package.
# None of them changes what the model gets.
_SKIPPED = (
    'LoadImage',
    'Mosaic',
    'YOLOXMixUp',
    'Albumentation',
    'YOLOXHSVRandomAug',
    'PhotometricDistortion',
    'FilterAnnotations',
)
# Entries of the metainfo that mmpose's data sets add to every sample.
_METAINFO = (
    'dataset_name',
    'upper_body_ids',
    'lower_body_ids',
    'flip_pairs',
    'flip_indices',
    'skeleton_links',
    'dataset_keypoint_weights',
)


def pose_batches(cfg: Config, size: int) -> tuple[Batch, Batch]:
    """Makes a batch to train on and one to predict.

    Annotated noise goes through the config's own pipelines, so the targets are those of
    its codec. The number of keypoints and their flip pairs are those of the config's
    data set: 17 for bodies, 133 for whole bodies, 21 for hands, 68 or 98 for faces.

    Args:
        cfg: Config of mmpose.
        size: Number of images; fewer are predicted if the config's own test batch is
            smaller, because DEKR and CID predict one image at a time.

    Returns:
        Two batches, as mmpose's preprocessor takes them.
    """
    topdown = cfg.model.type.endswith('TopdownPoseEstimator')
    batches = []
    for loader, count in (
        (cfg.train_dataloader, size),
        (cfg.test_dataloader, min(size, cfg.test_dataloader.batch_size)),
    ):
        metainfo = _load_metainfo(loader.dataset)
        steps = _build_steps(loader.dataset.pipeline)
        packed = []
        for index in range(count):
            results = _annotated_noise(metainfo, index, people=1 if topdown else 3)
            if metainfo['dataset_name'] == 'interhand3d':
                results |= _depth_of_hands(results['keypoints'])
            for step in steps:
                results = step(results)
            packed.append(results)
        batches.append(pseudo_collate(packed))
    return tuple(batches)


def _load_metainfo(dataset: dict) -> dict[str, Any]:
    """Reads the keypoints of a data set: its own entry, or what its class makes."""
    from mmpose.datasets.datasets.utils import parse_pose_metainfo

    with DefaultScope.overwrite_default_scope('mmpose'):
        with DATASETS.switch_scope_and_registry('mmpose') as registry:
            metainfo = dataset.get('metainfo') or registry.get(dataset['type']).METAINFO
            if metainfo:
                return parse_pose_metainfo(metainfo)
            # DeepFashion's depends on its arguments. A lazy data set reads no file.
            return registry.build(dict(dataset, pipeline=[], lazy_init=True)).metainfo


def _build_steps(pipeline: list[dict]) -> list:
    with DefaultScope.overwrite_default_scope('mmpose'):
        with TRANSFORMS.switch_scope_and_registry('mmpose') as registry:
            return [
                registry.build(each)
                for each in pipeline
                if each['type'] not in _SKIPPED
            ]


def _annotated_noise(metainfo: dict, index: int, people: int) -> dict[str, Any]:
    """Makes an image of noise with the annotations that mmpose's data sets give."""
    generator = np.random.default_rng(index)
    corners = generator.uniform(0, SIDE, (people, 2, 2)).astype(np.float32)
    # Boxes of at least 16 pixels, inside the image.
    low = corners.min(1).clip(max=SIDE - 16)  # (people, 2)
    high = np.maximum(corners.max(1), low + 16)
    count = metainfo['num_keypoints']
    places = generator.uniform(0, 1, (people, count, 2)).astype(np.float32)
    area = (high - low).prod(1)
    return dict(
        {name: metainfo[name] for name in _METAINFO},
        id=index,
        img_id=index,
        img_path='noise.jpg',
        img=generator.integers(256, size=(SIDE, SIDE, 3), dtype=np.uint8),
        img_shape=(SIDE, SIDE),
        ori_shape=(SIDE, SIDE),
        bbox=np.concatenate([low, high], axis=1),
        bbox_score=np.ones(people, dtype=np.float32),
        category_id=np.ones(people, dtype=int),
        area=area,
        keypoints=low[:, None] + places * (high - low)[:, None],
        keypoints_visible=np.ones((people, count), dtype=np.float32),
        invalid_segs=[],
    )


def _depth_of_hands(keypoints: np.ndarray) -> dict[str, Any]:
    """Makes the annotations of two hands in space, in millimeters and pixels."""
    relative = np.linspace(-100, 100, keypoints.shape[1], dtype=np.float32)
    return dict(
        keypoints=np.dstack([keypoints, relative[None]]),
        hand_type=np.ones((1, 2), dtype=np.float32),  # left and right
        hand_type_valid=np.ones(1, dtype=np.float32),
        rel_root_depth=np.float32(50),
        rel_root_valid=np.float32(1),
        abs_depth=[1000.0, 1050.0],
        focal=np.full(2, 1500, dtype=np.float32),
        principal_pt=np.full(2, SIDE / 2, dtype=np.float32),
    )
