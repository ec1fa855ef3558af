"""Photos, masks, depth maps and boxes of a user, with names that need care."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def save_image(path: Path, pixels: np.ndarray) -> Path:
    """Writes an image, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def photos(tmp_path) -> Path:
    """Ten photos of 96x72 with masks of three numbers, and depth in millimeters."""
    root = tmp_path / '我的 照片'
    rng = np.random.default_rng(0)
    for index in range(10):
        pixels = rng.integers(0, 256, (72, 96, 3), dtype=np.uint8)
        labels = np.repeat(np.arange(3, dtype=np.uint8), 24)[:, None].repeat(96, axis=1)
        depth = np.full((72, 96), 1500 + 500 * index, np.uint16)
        save_image(root / 'images' / f'照片 {index}.jpg', pixels)
        save_image(root / 'masks' / f'照片 {index}.png', labels)
        save_image(root / 'depth' / f'照片 {index}_depth.png', depth)
    return root


@pytest.fixture
def boxes(photos) -> Path:
    """A COCO file of the photos."""
    images = [
        dict(id=i + 1, file_name=path.name, width=96, height=72)
        for i, path in enumerate(sorted((photos / 'images').iterdir()))
    ]
    # Numbers of categories have gaps and no order.
    categories = [dict(id=7, name='树'), dict(id=3, name='traffic light')]
    annotations = [
        dict(id=i, image_id=i % 10 + 1, category_id=(7, 3)[i % 2], bbox=[5, 6, 30, 40])
        for i in range(20)
    ]
    path = photos / 'boxes.json'
    content = dict(images=images, categories=categories, annotations=annotations)
    path.write_text(json.dumps(content))
    return path
