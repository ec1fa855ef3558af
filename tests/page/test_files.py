from __future__ import annotations

import os
import stat
import time

import numpy as np
import pytest
from PIL import Image

from diffmm.page.files import KEPT, PageFiles


@pytest.fixture
def files():
    files = PageFiles()
    yield files
    files.remove()


def test_an_upload_is_read_once_and_gone(files):
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    path = files.uploads / 'a.png'
    Image.new('RGB', (80, 64)).save(path)
    assert files.take(path).shape == (64, 80, 3)
    assert not path.exists()


def test_what_cannot_be_read_is_gone_too_but_nothing_else(files, tmp_path):
    (files.uploads / 'a.png').write_text('no picture')
    with pytest.raises(ValueError, match='no picture'):
        files.take(files.uploads / 'a.png')
    assert list(files.uploads.iterdir()) == []
    (tmp_path / 'mine.png').write_text('no picture')
    with pytest.raises(ValueError, match='was not uploaded'):
        files.take(tmp_path / 'mine.png')
    assert (tmp_path / 'mine.png').exists()


def test_a_visitor_who_leaves_takes_the_downloads_along(files):
    pixels = np.zeros((8, 8), np.uint8)
    mine = files.write('me', 'mask.png', pixels)
    other = files.write('you', 'mask.png', pixels)
    escape = files.write('../../../tmp/x', 'mask.png', pixels)
    assert mine != other and escape.parent.parent == files.folder
    files.forget('me')
    files.forget('nobody')
    assert not mine.exists() and other.exists()
    files.remove()
    files.remove()
    assert not files.folder.exists()


def test_what_came_too_late_to_be_forgotten_goes_after_an_hour(files):
    """A request ends behind its visitor; an upload is broken off."""
    pixels = np.zeros((8, 8), np.uint8)
    late = files.write('gone', 'depth.png', pixels)
    part, shown = files.uploads / 'tmp1a2b3c4d', files.uploads / 'example.png'
    for path in (part, shown):
        path.touch()
    files.write('me', 'mask.png', pixels)
    assert late.exists() and part.exists()
    long_ago = time.time() - KEPT - 1
    for path in (late.parent, part, shown):
        os.utime(path, (long_ago, long_ago))
    mine = files.write('me', 'mask.png', pixels)
    assert not late.parent.exists() and not part.exists()
    assert mine.exists() and shown.exists()
