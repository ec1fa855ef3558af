"""Answers and refusals of the server, without a browser."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from tests.page.conftest import STEPS

# gradio's own.
pytestmark = pytest.mark.filterwarnings('ignore::DeprecationWarning')


def get(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {'Content-Type': 'application/json'}
    request = urllib.request.Request(url, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


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
    models.pause = 0.1
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


def test_only_this_machine_and_no_file_outside_of_the_uploads(running_page, tmp_path):
    assert re.match(r'http://127\.0\.0\.1:\d+/', running_page.url)
    secret = tmp_path / 'secret.png'
    Image.new('RGB', (80, 80)).save(secret)
    for path in (secret, '/etc/passwd', '../../etc/passwd', __file__):
        for place in ('gradio_api/file=', 'file='):
            status, content = get(f'{running_page.url}{place}{path}')
            assert status >= 400 and b'root:' not in content, path
    assert get(running_page.url)[0] == 200
