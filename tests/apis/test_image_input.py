"""Tests of every kind of picture that users have."""

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from diffmm.apis import read_image, to_bgr


@pytest.mark.parametrize(
    ('name', 'shape', 'dtype'),
    [
        ('color.jpg', (20, 30, 3), np.uint8),
        ('color.png', (20, 30, 3), np.uint8),
        ('gray.jpg', (20, 30), np.uint8),
        ('gray16.png', (20, 30), np.uint16),
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


@pytest.mark.parametrize('suffix', ['png', 'tif', 'webp'])
def test_files_without_loss_are_turned_and_lose_their_transparency(tmp_path, suffix):
    """OpenCV turns no WebP, fails at turned TIFFs and darkens transparent ones."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (48, 64, 3), np.uint8)
    options = dict(lossless=True, exact=True) if suffix == 'webp' else {}
    image = Image.fromarray(pixels)
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / f'turned.{suffix}', exif=exif, **options)
    read = read_image(tmp_path / f'turned.{suffix}')[..., ::-1]
    np.testing.assert_array_equal(read, np.rot90(pixels, -1))
    image.putalpha(Image.fromarray(pixels[..., 0]))
    image.save(tmp_path / f'clear.{suffix}', **options)
    read = read_image(tmp_path / f'clear.{suffix}')[..., ::-1]
    np.testing.assert_array_equal(read, pixels)


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


def test_a_folder_and_an_address_are_no_files(tmp_path):
    with pytest.raises(ValueError, match='is a folder: give an image file'):
        read_image(tmp_path)
    with pytest.raises(ValueError, match='is an address: download the image'):
        read_image('https://host/picture.jpg')


def test_a_huge_image_names_the_limit_and_how_to_lift_it(write_image, monkeypatch):
    path = write_image('huge.png', 30, 30, 3)
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 100)
    with pytest.raises(ValueError, match=r'huge.png is too large .*900 pix.*now 100,'):
        read_image(path)
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 900)
    assert read_image(path).shape == (30, 30, 3)


# --- arrays and PIL images -----------------------------------------------------------

BGR = np.random.default_rng(0).integers(2, 256, (6, 8, 3)).astype(np.uint8)
GRAY = BGR[..., 0]
GRAY_AS_BGR = np.repeat(GRAY[..., None], 3, axis=2)
READ_ONLY = BGR.copy()
READ_ONLY.flags.writeable = False


def test_a_bgr_picture_is_taken_as_it_is():
    assert to_bgr(BGR) is BGR
    assert to_bgr(READ_ONLY) is READ_ONLY


@pytest.mark.parametrize(
    ('picture', 'expected'),
    [
        (GRAY, GRAY_AS_BGR),
        (GRAY[..., None], GRAY_AS_BGR),
        (np.dstack([BGR, GRAY]), BGR),
        (BGR[..., ::-1], BGR[..., ::-1]),
        (BGR[::2, ::2], BGR[::2, ::2]),
        (np.asfortranarray(BGR), BGR),
        (BGR / 255, BGR),
        ((BGR / 255).astype(np.float32), BGR),
        ((BGR / 255).astype(np.float16), BGR),
        (BGR.astype(np.float64), BGR),
        (BGR.astype(np.int64), BGR),
        (BGR.astype(np.uint16) * 257, BGR),
        (GRAY > 100, (GRAY_AS_BGR > 100) * 255),
        (np.zeros((4, 5), np.uint16), np.zeros((4, 5, 3))),
        (Image.fromarray(BGR[..., ::-1].copy()), BGR),
        (Image.fromarray(GRAY), GRAY_AS_BGR),
        (Image.fromarray(np.dstack([BGR[..., ::-1], GRAY])), BGR),
        (Image.fromarray(GRAY.astype(np.uint16) * 257), GRAY_AS_BGR),
        (Image.fromarray(GRAY.astype(np.int32) * 257), GRAY_AS_BGR),
        (Image.fromarray((GRAY / 255).astype(np.float32)), GRAY_AS_BGR),
        (Image.fromarray(GRAY > 100), (GRAY_AS_BGR > 100) * 255),
    ],
)
def test_what_is_clear_is_converted(picture, expected):
    pixels = to_bgr(picture)
    assert pixels.dtype == np.uint8 and pixels.flags.c_contiguous
    np.testing.assert_array_equal(pixels, expected)


@pytest.mark.parametrize('mode', ['P', 'CMYK', 'LA', 'YCbCr', 'RGBA', 'HSV'])
def test_pil_images_of_other_modes(mode):
    image = Image.new('RGB', (8, 4), (255, 0, 0)).convert(mode)
    pixels = to_bgr(image)
    assert pixels.shape == (4, 8, 3)
    if mode != 'LA':
        assert np.abs(pixels[0, 0].astype(int) - [0, 0, 255]).max() <= 2


def test_the_orientation_of_a_pil_image_is_applied():
    image = Image.new('RGB', (8, 4))
    image.getexif()[0x0112] = 6
    assert to_bgr(image).shape == (8, 4, 3)


def test_a_16_bit_file_and_its_array_agree(write_image):
    path = write_image('gray16.png', 6, 8, dtype=np.uint16)
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.uint16) * 256
    cv2.imwrite(str(path), pixels)
    np.testing.assert_array_equal(to_bgr(pixels), read_image(path))
    np.testing.assert_array_equal(to_bgr(Image.open(path)), read_image(path))


@pytest.mark.parametrize(
    ('picture', 'message'),
    [
        (np.zeros((0, 5, 3), np.uint8), r'empty: an array of shape \(0, 5, 3\)'),
        (Image.new('RGB', (0, 0)), 'empty'),
        (np.zeros((1, 6, 8), np.uint8), r'channels come first; give .*transpose'),
        (np.zeros((3, 6, 8), np.uint8), 'channels come first'),
        (np.zeros((2, 6, 8, 3), np.uint8), 'a batch; give one picture'),
        (np.zeros((6, 8, 2), np.uint8), r'\(6, 8, 2\) is no picture'),
        (np.zeros(6, np.uint8), r'\(6,\) is no picture'),
        (np.full((6, 8), np.nan), 'not finite'),
        (np.full((6, 8), np.inf), 'not finite'),
        (np.full((6, 8), -0.5), r'got \[-0.5, -0.5\]: scale it'),
        (np.full((6, 8), 300), r'got \[300, 300\]'),
        (np.full((6, 8), 200, np.uint16), 'values up to 200 is either of 8 bits'),
    ],
)
def test_what_is_not_clear_is_one_error(picture, message):
    with pytest.raises(ValueError, match=message):
        to_bgr(picture)


@pytest.mark.parametrize(
    ('picture', 'message'),
    [
        (np.zeros((6, 8), complex), 'real numbers, got an array of dtype complex128'),
        (np.array([[None]]), 'dtype object'),
        (np.array([['a']]), 'dtype <U1'),
        (torch.zeros(3, 6, 8), r'got Tensor\. For an RGB tensor: tensor.permute'),
        ([[0, 1], [2, 3]], 'got list. Give one picture at a time'),
        (7, 'got int'),
        (None, 'got NoneType'),
        (b'bytes', 'got bytes'),
    ],
)
def test_what_is_no_picture_is_one_error(picture, message):
    with pytest.raises(TypeError, match=message):
        to_bgr(picture)
