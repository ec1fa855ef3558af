from __future__ import annotations

import time

import pytest

from diffmm.utils.chat_endpoint import ChatEndpoint, EndpointError
from tests.chat_server import chat_server


def test_a_question_is_answered():
    with chat_server(lambda body: body['messages'][1]['content'].upper()) as server:
        endpoint = ChatEndpoint(server.url + '/', 'some-model', api_key='secret')
        assert endpoint.ask('shout', 'hello') == 'HELLO'
    ((path, key, body),) = server.requests
    assert path == '/v1/chat/completions' and key == 'Bearer secret'
    assert body['model'] == 'some-model' and body['temperature'] == 0
    assert body['messages'][0] == dict(role='system', content='shout')


@pytest.mark.parametrize('drip', [0.05, 5])
def test_an_endpoint_that_hangs_is_left(drip):
    """A byte now and then does not begin the time anew."""
    with chat_server('a long answer ' * 50, drip=drip) as server:
        start = time.monotonic()
        with pytest.raises(EndpointError, match='no answer within 0.4 seconds'):
            ChatEndpoint(server.url, 'm', timeout=0.4).ask('', '')
        assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ('answer', 'status', 'message'),
    [
        ('', 500, 'HTTP status 500'),
        (b'<html>', 200, 'Expecting value'),
        (b'{}', 200, "another form than OpenAI has it .KeyError.'choices'"),
        (b'{"choices": []}', 200, 'IndexError'),
        (b'{"choices": [{"message": {"content": null}}]}', 200, 'no text but None'),
        (b'[]', 200, 'another form'),
    ],
)
def test_what_is_no_answer_is_an_error(answer, status, message):
    with chat_server(answer, status) as server:
        with pytest.raises(EndpointError, match=message):
            ChatEndpoint(server.url, 'm').ask('', '')


@pytest.mark.parametrize('status', [301, 302, 303, 307, 308])
def test_the_key_follows_no_redirect(status):
    with (
        chat_server('the box') as other,
        chat_server('', status, location=f'{other.url}/there') as server,
        pytest.raises(EndpointError, match=f'{status} .* to {other.url}/there: give'),
    ):
        ChatEndpoint(server.url, 'm', api_key='secret').ask('', '')
    assert other.requests == []


def test_a_key_stands_in_no_message():
    with chat_server('hello') as server:
        # As a file with a line break at its end.
        endpoint = ChatEndpoint(server.url, 'm', api_key='secret\n')
        assert endpoint.ask('', '') == 'hello'
    assert server.requests[0][1] == 'Bearer secret'
    for key in ('sec\nret', 'sécret'):
        with pytest.raises(ValueError, match='no header takes') as error:
            ChatEndpoint('http://localhost', 'm', api_key=key)
        assert 'ret' not in str(error.value)


def test_nobody_there():
    with pytest.raises(EndpointError, match='127.0.0.1:9/v1/chat.* refused'):
        ChatEndpoint('http://127.0.0.1:9/v1', 'm').ask('', '')


def test_arguments_are_checked():
    for url in ('file:///etc/passwd', 'http://', 'http://[::1', 'localhost:8000'):
        with pytest.raises(ValueError, match='must be an http.* address, got') as error:
            ChatEndpoint(url, 'm')
        assert url in str(error.value)
    with pytest.raises(ValueError, match='timeout must be positive, got 0'):
        ChatEndpoint('http://localhost', 'm', timeout=0)
