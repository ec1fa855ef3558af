"""The page in a real browser, and what its server refuses."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

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


def wait_until(condition, seconds=20):
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


class Visitor:
    """A browser's requests, without a browser."""

    def __init__(self, page, name):
        self.page = page
        self.name = name
        self.config = json.loads(get(f'{page.url}config')[1])

    def trigger(self, element, event, data, **event_data):
        """Sends an event and waits for its end."""
        parts = {
            part['props'].get('elem_id'): part['id']
            for part in self.config['components']
        }
        (number,) = [
            each['id']
            for each in self.config['dependencies']
            if [parts[element], event] in [list(target) for target in each['targets']]
        ]
        body = dict(
            data=data,
            fn_index=number,
            session_hash=self.name,
            event_data=event_data or None,
        )
        api = f'{self.page.url}gradio_api/queue'
        status, content = get(f'{api}/join', body)
        if status != 200:
            return dict(success=False, status=status, output=content.decode())
        with urllib.request.urlopen(
            f'{api}/data?session_hash={self.name}', timeout=60
        ) as stream:
            for line in stream:
                message = json.loads(line[5:]) if line.startswith(b'data:') else {}
                if message.get('msg') == 'process_completed':
                    return message
        return {}

    def take_example(self):
        return self.trigger('examples', 'select', [None], index=0, value=None)

    def find(self):
        return self.trigger('find', 'click', [None, 'the ball', '', 1, 1, 1, STEPS, 0])


def visitors_of(page, count):
    """Visitors who have a picture."""
    visitors = [Visitor(page, f'visitor{number}') for number in range(count)]
    assert all(visitor.take_example()['success'] for visitor in visitors)
    return visitors


def test_ten_visitors_at_once_are_all_served_in_turns(running_page):
    models = running_page.models
    models.pause = 0.02
    visitors = visitors_of(running_page, 10)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(Visitor.find, visitors))
    assert all(answer['success'] for answer in answers), answers
    assert models.made == 10 * STEPS and models.most == 1


@pytest.mark.parametrize('max_waiting', [2])
def test_too_many_visitors_are_told_so(running_page):
    """One is served and two wait."""
    models = running_page.models
    models.pause = 0.3
    visitors = visitors_of(running_page, 6)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(Visitor.find, visitors))
    served = [answer for answer in answers if answer['success']]
    refused = [answer for answer in answers if answer not in served]
    assert len(served) >= 1 and refused, answers
    assert all('full' in str(answer['output']) for answer in refused)
    assert models.made == len(served) * STEPS and models.running == 0


def test_a_forged_upload_is_refused(running_page, tmp_path):
    secret = tmp_path / 'secret.png'
    Image.new('RGB', (80, 80)).save(secret)
    visitor = Visitor(running_page, 'forger')
    for path in (str(secret), '/etc/passwd', f'{running_page.files.uploads}/../x.png'):
        file = dict(path=path, meta={'_type': 'gradio.FileData'}, orig_name='a.png')
        answer = visitor.trigger('upload', 'upload', [None, file])
        assert not answer['success'], path
    assert secret.exists()


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


def get(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {'Content-Type': 'application/json'}
    request = urllib.request.Request(url, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_only_this_machine_and_no_file_outside_of_the_uploads(running_page, tmp_path):
    assert re.match(r'http://127\.0\.0\.1:\d+/', running_page.url)
    secret = tmp_path / 'secret.png'
    Image.new('RGB', (80, 80)).save(secret)
    for path in (secret, '/etc/passwd', '../../etc/passwd', __file__):
        for place in ('gradio_api/file=', 'file='):
            status, content = get(f'{running_page.url}{place}{path}')
            assert status >= 400 and b'root:' not in content, path
    assert get(running_page.url)[0] == 200
