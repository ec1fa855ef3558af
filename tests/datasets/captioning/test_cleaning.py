from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from diffmm.datasets.captioning import EndpointCleaner, EndpointError, StyleWordCleaner


@pytest.mark.parametrize(
    ('caption', 'clean'),
    [
        ('a watercolor painting of a dog', 'a dog'),
        ('a comic style painting of a tree, a box', 'a tree, a box'),
        ('a dark night photo of two cars on the grass', 'two cars on the grass'),
        ('A foggy photo of a house', 'a house'),
        ('a black and white drawing of a cat', 'a cat'),
        ('an ink and watercolor sketch of a man', 'a man'),
        ('- a painting of a painting of a bird', 'a bird'),
        ('a woman with a cat in watercolor', 'a woman with a cat'),
        ('two people, digital art', 'two people'),
        ('a car in the dark at night.', 'a car'),
        # What the picture shows stays.
        ('a man painting a fence', 'a man painting a fence'),
        ('a picture on a wall', 'a picture on a wall'),
        ('a comic book on a table', 'a comic book on a table'),
        ('a group of people', 'a group of people'),
        ('two paintings of dogs on a wall', 'two paintings of dogs on a wall'),
        ('a watercolor painting', 'a watercolor painting'),
    ],
)
def test_phrases_go_and_things_stay(caption, clean):
    assert StyleWordCleaner()([caption])[0].lower() == clean.lower()


def test_every_phrase_of_the_mini_world_goes():
    from diffmm.mini_world import STYLES, name_style

    caption = 'two cars on the short grass under a clear sky'
    styled = [name_style(caption, style) for style in STYLES]
    assert len(set(styled)) == len(STYLES)
    assert StyleWordCleaner()(styled) == [caption] * len(STYLES)


def test_a_list_of_ones_own():
    cleaner = StyleWordCleaner(['Oil painting', ''])
    assert cleaner(['an oil painting of a dog', 'a sketch of a dog']) == [
        'a dog',
        'a sketch of a dog',
    ]
    with pytest.raises(ValueError, match='at least one style word'):
        StyleWordCleaner([' '])


@pytest.fixture
def endpoint():
    """A server whose answers a test decides; it notes the requests."""
    answers, requests = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
            requests.append((self.path, self.headers.get('Authorization'), body))
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            status, text = answer if isinstance(answer, tuple) else (200, answer)
            content = json.dumps(dict(choices=[dict(message=dict(content=text))]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content.encode() if status == 200 else b'{}')

        def log_message(self, *_):
            pass

    server = HTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f'http://127.0.0.1:{server.server_port}/v1', answers, requests
    server.shutdown()
    server.server_close()


CAPTIONS = ['a painting of a dog', 'a comic of two cats']


def test_endpoint(endpoint):
    url, answers, requests = endpoint
    # Models put a fence around their lists.
    answers.append('```json\n["a dog", "two cats"]\n```')
    cleaner = EndpointCleaner(url + '/', 'some-model', api_key='secret')
    assert cleaner(CAPTIONS) == ['a dog', 'two cats']
    ((path, key, body),) = requests
    assert path == '/v1/chat/completions' and key == 'Bearer secret'
    assert body['model'] == 'some-model' and body['temperature'] == 0
    assert json.loads(body['messages'][-1]['content']) == CAPTIONS


def test_it_asks_again(endpoint):
    url, answers, requests = endpoint
    answers += [(503, ''), '["a dog"]', '["a dog", "two cats"]']
    assert EndpointCleaner(url, 'm', wait=0.0)(CAPTIONS) == ['a dog', 'two cats']
    assert len(requests) == 3 and requests[0][1] is None


@pytest.mark.parametrize(
    ('answer', 'message'),
    [
        ((500, ''), 'HTTP status 500'),
        ('Sure! Here you are.', 'holds no JSON list'),
        ('["a dog"]', '2 captions went, 1 came back'),
        ('["a dog", ', 'no JSON list'),
        ('["a dog", ""]', "'a comic of two cats' came back as ''"),
        ('["a dog", "the weather is nice"]', "came back as 'the weather is nice'"),
        ('["a dog", 5]', 'came back as 5'),
    ],
)
def test_nonsense_is_an_error(answer, message, endpoint):
    url, answers, requests = endpoint
    answers.append(answer)
    cleaner = EndpointCleaner(url, 'm', tries=2, wait=0.0)
    with pytest.raises(EndpointError, match=f'in 2 tries: .*{message}'):
        cleaner(CAPTIONS)
    assert len(requests) == 2


def test_nobody_there():
    cleaner = EndpointCleaner('http://127.0.0.1:9/v1', 'm', tries=2, wait=0.0)
    with pytest.raises(EndpointError, match=r'127.0.0.1:9/v1/chat.* refused'):
        cleaner(CAPTIONS)
    with pytest.raises(ValueError, match="http.* address, got 'localhost'"):
        EndpointCleaner('localhost', 'm')
