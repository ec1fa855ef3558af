from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from diffmm.page.pictures import MB, PictureLimits, read_upload

LIMITS = PictureLimits(max_bytes=2 * MB, max_pixels=1_000_000, max_side=256)
RNG = np.random.default_rng(0)


def picture(width=96, height=80):
    return Image.fromarray(RNG.integers(0, 256, (height, width, 3), np.uint8))


def huge_header(path):
    """A PNG of 60,000 x 60,000 pixels in 60 bytes."""
    head = struct.pack('>IIBBBBB', 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b'IHDR', head), (b'IDAT', b''), (b'IEND', b'')]
    with path.open('wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n')
        for kind, data in chunks:
            file.write(struct.pack('>I', len(data)) + kind + data)
            file.write(struct.pack('>I', zlib.crc32(kind + data)))


def truncated(path):
    picture().save(path)
    path.write_bytes(path.read_bytes()[:900])


GOOD = {
    'cmyk.jpg': lambda path: picture().convert('CMYK').save(path),
    'gray.png': lambda path: picture().convert('L').save(path),
    'alpha.png': lambda path: picture().convert('RGBA').save(path),
    'palette.png': lambda path: picture().convert('P').save(path),
    '16 bits.png': lambda path: cv2.imwrite(
        str(path), RNG.integers(0, 65536, (80, 96), np.uint16)
    ),
    'umlaut ü.webp': lambda path: picture().save(path),
}
BAD = {
    '1x5000.png': (
        lambda p: picture(1, 5000).save(p),
        'its shorter side needs 64 when',
    ),
    'small.png': (lambda p: picture(40, 40).save(p), 'has 40x40 pixels.*needs 64;'),
    'large.png': (
        lambda p: Image.new('L', (1200, 1000)).save(p),
        '1200x1000.*the 1 million',
    ),
    'bomb.png': (huge_header, 'more pixels than the 1 million'),
    'heavy.jpg': (
        lambda p: p.write_bytes(b'\xff' * 3 * MB),
        'has 3 MB, more than the 2',
    ),
    'text.png': (lambda p: p.write_text('not a picture'), 'is no picture that can be'),
    'empty.jpg': (lambda p: p.touch(), 'is no picture that can be read'),
    'cut.jpg': (truncated, 'cut.jpg is not an intact image'),
    'figure.eps': (lambda p: picture().save(p), 'is no picture that can be read'),
}


@pytest.mark.parametrize('name', GOOD)
def test_pictures_of_every_kind_are_read(name, tmp_path):
    GOOD[name](tmp_path / name)
    pixels = read_upload(tmp_path / name, tmp_path, LIMITS)
    assert pixels.shape == (80, 96, 3) and pixels.dtype == np.uint8
    assert pixels.std() > 20


def test_large_pictures_are_made_smaller(tmp_path):
    picture(800, 400).save(tmp_path / 'a.png')
    pixels = read_upload(tmp_path / 'a.png', tmp_path, LIMITS)
    assert pixels.shape == (128, 256, 3)


@pytest.mark.parametrize('name', BAD)
def test_what_is_no_use_is_a_message_without_the_servers_folders(name, tmp_path):
    make, message = BAD[name]
    make(tmp_path / name)
    with pytest.raises(ValueError, match=message) as error:
        read_upload(tmp_path / name, tmp_path, LIMITS)
    assert str(tmp_path) not in str(error.value) and name in str(error.value)


def test_nothing_outside_of_the_uploads_is_read(tmp_path):
    uploads = tmp_path / 'uploads'
    uploads.mkdir()
    picture().save(tmp_path / 'secret.png')
    (uploads / 'link.png').symlink_to(tmp_path / 'secret.png')
    for path in (
        tmp_path / 'secret.png',
        uploads / '..' / 'secret.png',
        uploads / 'link.png',
        uploads / 'none.png',
        '/etc/passwd',
    ):
        with pytest.raises(ValueError, match='was not uploaded here'):
            read_upload(path, uploads, LIMITS)
