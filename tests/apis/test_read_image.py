"""Tests of reading images."""

import cv2
import numpy as np
import pytest
from PIL import Image

from diffmm.apis import read_image


@pytest.mark.parametrize(
    ('name', 'shape', 'dtype'),
    [
        ('color.jpg', (20, 30, 3), np.uint8),
        ('color.png', (20, 30, 3), np.uint8),
        ('grey.jpg', (20, 30), np.uint8),
        ('grey16.png', (20, 30), np.uint16),
        ('alpha.png', (20, 30, 4), np.uint8),
        ('dot.png', (1, 1, 3), np.uint8),
    ],
)
def test_every_kind_becomes_three_channels(write_image, name, shape, dtype):
    pixels = read_image(write_image(name, *shape, dtype=dtype))

    assert pixels.shape == (*shape[:2], 3)
    assert pixels.dtype == np.uint8


def test_channels_are_blue_green_red(tmp_path):
    Image.new('RGB', (4, 4), (255, 0, 10)).save(tmp_path / 'red.png')

    assert read_image(tmp_path / 'red.png')[0, 0].tolist() == [10, 0, 255]


def test_palette_images_and_orientation(tmp_path):
    image = Image.new('RGB', (8, 4), (255, 0, 10))
    image.quantize(4).save(tmp_path / 'palette.png')
    exif = image.getexif()
    exif[0x0112] = 6  # taken with the camera turned
    image.save(tmp_path / 'turned.jpg', exif=exif)

    assert read_image(tmp_path / 'palette.png')[0, 0].tolist() == [10, 0, 255]
    assert read_image(tmp_path / 'turned.jpg').shape == (8, 4, 3)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match='nothing.png'):
        read_image(tmp_path / 'nothing.png')


@pytest.mark.parametrize('name', ['half.jpg', 'half.png'])
def test_truncated_file(write_image, name):
    path = write_image(name, 64, 64, 3)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])

    with pytest.raises(ValueError, match=name):
        read_image(path)


@pytest.mark.parametrize('content', [b'', b'no image at all'])
def test_no_image(tmp_path, content):
    path = tmp_path / 'note.png'
    path.write_bytes(content)

    with pytest.raises(ValueError, match='not an intact image'):
        read_image(path)


def test_what_only_pillow_decodes_is_refused(monkeypatch, write_image):
    path = write_image('odd.png', 8, 8, 3)
    monkeypatch.setattr(cv2, 'imread', lambda *_: None)

    with pytest.raises(ValueError, match='OpenCV cannot decode'):
        read_image(path)
