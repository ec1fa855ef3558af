"""The page in a real browser."""

from __future__ import annotations

import re
import time

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.page.conftest import STEPS

# gradio's own.
pytestmark = pytest.mark.filterwarnings('ignore::DeprecationWarning')

# Notes all that the line of the status has shown.
_WATCH = """() => {
  window.shown = [];
  const line = document.querySelector('#status');
  const note = () => window.shown.push(line.innerText);
  new MutationObserver(note).observe(
    line, {childList: true, subtree: true, characterData: true});
}"""


def take_example(window, number=0):
    window.locator('#examples .thumbnail-lg').nth(number).click()
    window.locator('#picture img').wait_for()


def text_of(window, name):
    return window.locator(f'#{name} textarea, #{name} input').first


def find(window, text='the ball'):
    text_of(window, 'find-text').fill(text)
    window.locator('#find').click()


def wait_for_rounds(window, count):
    rounds = window.locator('#rounds .thumbnail-lg')
    wait_until(lambda: rounds.count() == count)


def wait_until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, 'it did not happen in time'
        time.sleep(0.05)


def download(window, name):
    with window.expect_download() as waiting:
        window.locator(f'#{name}').click()
    return cv2.imread(str(waiting.value.path()), cv2.IMREAD_UNCHANGED)


def message_of(window):
    toast = window.locator('.toast-body').last
    toast.wait_for()
    return toast.inner_text()


def test_find_correct_undo_and_download(open_page, running_page):
    running_page.models.pause = 0.2
    window = open_page(accept_downloads=True)
    asked = []
    window.on('request', lambda request: asked.append(request.url))
    window.reload(wait_until='domcontentloaded')
    window.locator('#find').click()
    assert 'Upload a picture' in message_of(window)
    take_example(window)
    assert text_of(window, 'find-text').input_value() == 'the ball'

    # 1. Find: the steps are shown as they come.
    window.evaluate(_WATCH)
    window.locator('#find').click()
    wait_for_rounds(window, 1)
    shown = ' '.join(window.evaluate('window.shown'))
    seen = [f'Step {number} of {STEPS}' in shown for number in range(1, STEPS + 1)]
    assert sum(seen) >= 2, shown
    mask = download(window, 'download-mask')
    assert (
        mask.shape == (96, 96)
        and (mask[:, :48] == 255).all()
        and not mask[:, 48:].any()
    )

    # 2. Correct.
    text_of(window, 'not-text').fill('the tree')
    window.locator('#correct').click()
    wait_for_rounds(window, 2)
    window.locator('#status', has_text='the ball, not the tree').wait_for()
    mask = download(window, 'download-mask')
    assert (mask[:, 48:] == 255).all() and not mask[:, :48].any()
    overlay = download(window, 'download-overlay')
    assert overlay.shape == (96, 96, 3)
    assert text_of(window, 'not-text').input_value() == ''

    # 3. Undo, twice.
    window.locator('#undo').click()
    wait_for_rounds(window, 1)
    assert (download(window, 'download-mask')[:, :48] == 255).all()
    window.locator('#undo').click()
    wait_for_rounds(window, 0)
    assert window.locator('#download-mask').is_disabled()

    assert window.locator('button', has_text='Download').count() == 2

    # 4. The other tabs, and the agent.
    window.locator('#agent').click()
    wait_for_rounds(window, 1)
    window.get_by_role('tab', name='Depth').click()
    window.locator('#depth').click()
    window.locator('#depth-image img').wait_for()
    window.get_by_role('tab', name='Names').click()
    text_of(window, 'names-text').fill('sky, <b>tree</b>')
    window.locator('#names').click()
    window.locator('#names-legend td', has_text='<b>tree</b>').wait_for()

    # 5. Nothing was asked of another machine.
    own = (running_page.url, 'data:', 'blob:')
    assert [url for url in asked if not url.startswith(own)] == []


def test_uploads(open_page, running_page, tmp_path):
    rng = np.random.default_rng(0)
    good = Image.fromarray(rng.integers(0, 256, (80, 96, 3), np.uint8))
    good.convert('CMYK').save(tmp_path / 'good.jpg')
    (tmp_path / 'text.png').write_text('no picture')
    (tmp_path / 'heavy.png').write_bytes(bytes(50 << 20))
    Image.new('RGB', (1, 5000)).save(tmp_path / 'long.png')
    window = open_page()
    upload = window.locator('input[type=file]').first
    for name, message in (
        ('text.png', 'text.png is no picture that can be read'),
        ('long.png', '1x5000 pixels'),
        ('heavy.png', r'maximum allowed size of 20\.0'),
    ):
        upload.set_input_files(tmp_path / name)
        toast = window.locator('.toast-body', has_text=re.compile(message))
        toast.first.wait_for()
    assert window.locator('#picture img').count() == 0
    upload.set_input_files(tmp_path / 'good.jpg')
    window.locator('#picture img').wait_for()
    find(window)
    wait_for_rounds(window, 1)
    names = {path.name for path in running_page.files.folder.rglob('*')}
    assert not names & {'good.jpg', 'text.png', 'long.png', 'heavy.png'}


@pytest.mark.slow
def test_two_browsers_and_many_clicks_take_turns(open_page, running_page):
    running_page.models.pause = 0.05
    windows = [open_page(), open_page()]
    for number, window in enumerate(windows):
        take_example(window, number)
    for _ in range(5):
        for window in windows:
            window.locator('#find').click()
    for window in windows:
        window.locator('#rounds .thumbnail-lg').first.wait_for()
    wait_until(lambda: running_page.models.running == 0)
    assert running_page.models.most == 1
    # Each sees the own picture and rounds alone.
    for text, window in zip(('the ball', 'the tree'), windows, strict=True):
        window.locator('#status', has_text=text).wait_for()


def test_a_window_that_closes_while_denoising_leaves_nothing(open_page, running_page):
    models, files = running_page.models, running_page.files
    models.pause = 0.3
    first, second = open_page(), open_page()
    take_example(first)
    take_example(second)
    find(first)
    wait_for_rounds(first, 1)
    assert len(list(files.folder.glob('*/mask_1.png'))) == 1
    find(first)
    wait_until(lambda: models.running == 1)
    first.context.close()
    # The other one is served, and has lost nothing.
    find(second, 'the tree')
    wait_for_rounds(second, 1)
    wait_until(lambda: models.running == 0)
    made = models.made
    assert STEPS + STEPS <= made < 3 * STEPS, 'the closed window was served to its end'
    wait_until(lambda: len(list(files.folder.glob('*/mask_1.png'))) == 1)
    time.sleep(2 * models.pause)
    assert models.made == made
