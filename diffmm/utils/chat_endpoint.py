"""Questions to a language model behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import json
import queue
import threading
import urllib.error
import urllib.parse
import urllib.request

# Longer than any answer to a question of ours, in bytes.
_MAX_ANSWER = 1 << 20


class EndpointError(RuntimeError):
    """The endpoint is down or slow, or answers with something else than was asked."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Keeps the key from other addresses; a POST would become a GET there."""

    def redirect_request(
        self, req: object, fp: object, code: object, msg: object, *_: object
    ) -> None:
        """Follows none, which makes the redirect an error."""


class ChatEndpoint:
    """A language model behind an OpenAI-compatible endpoint.

    Args:
        url: Base of the endpoint, such as ``http://localhost:8000/v1``.
        model: Name of its model.
        api_key: Sent as a bearer token; None sends none.
        timeout: Seconds that a whole answer may take.

    Raises:
        ValueError: The address is none of http, the key has characters that no header
            takes, or the time is not positive.
    """

    def __init__(
        self,
        url: str,
        model: str,
        api_key: str | None = None,
        timeout: float = 60.0,
    ) -> None:
        if not _is_http(url):
            raise ValueError(f'the endpoint must be an http(s) address, got {url!r}')
        # The key itself stands in no message: answers show them to all visitors.
        api_key = (api_key or '').strip()
        if not (api_key.isascii() and api_key.isprintable()):
            raise ValueError("the endpoint's key has letters that no header takes")
        if timeout <= 0:
            raise ValueError(f'timeout must be positive, got {timeout}')
        self.url = url.rstrip('/') + '/chat/completions'
        self.model = model
        self.timeout = timeout
        self._headers = {'Content-Type': 'application/json'}
        if api_key:
            self._headers['Authorization'] = f'Bearer {api_key}'

    def ask(self, system: str, user: str) -> str:
        """Asks one question.

        Args:
            system: What the model is to do.
            user: What it is to do it with.

        Returns:
            The answer.

        Raises:
            EndpointError: There is no answer in time, or none of the right form.
        """
        answers: queue.SimpleQueue[str | Exception] = queue.SimpleQueue()
        # The timeout of a socket begins anew with every byte: an endpoint that sends a
        # byte now and then would hold us for ever. The thread may go on without us.
        request = (self._request(system, user), answers)
        threading.Thread(target=self._receive, args=request, daemon=True).start()
        try:
            answer = answers.get(timeout=self.timeout)
        except queue.Empty:
            raise EndpointError(
                f'{self.url} gave no answer within {self.timeout:g} seconds'
            ) from None
        if isinstance(answer, Exception):
            raise EndpointError(f'{self.url}: {_describe(answer)}') from answer
        return answer

    def _request(self, system: str, user: str) -> urllib.request.Request:
        body = dict(
            model=self.model,
            temperature=0,
            messages=[
                dict(role='system', content=system),
                dict(role='user', content=user),
            ],
        )
        content = json.dumps(body).encode()
        return urllib.request.Request(self.url, content, self._headers)

    def _receive(
        self, request: urllib.request.Request, answers: queue.SimpleQueue
    ) -> None:
        """Puts the answer, or the error instead of it, into the queue."""
        try:
            # Later than `ask` gives up, which has the clearer message.
            limit = 2 * self.timeout
            opener = urllib.request.build_opener(_NoRedirect)
            with opener.open(request, timeout=limit) as response:
                content = json.loads(response.read(_MAX_ANSWER))
            answer = content['choices'][0]['message']['content']
            if not isinstance(answer, str):
                raise TypeError(f'the answer is no text but {answer!r}')
            answers.put(answer)
        # Whatever goes wrong, the one who waits has to know.
        except Exception as error:
            answers.put(error)


def _is_http(url: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ('http', 'https') and bool(parts.hostname)


def _describe(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        other = error.headers.get('Location')
        where = f' to {other}: give that address' if other else ''
        return f'HTTP status {error.code} {error.reason}{where}'
    if isinstance(error, (KeyError, IndexError, TypeError)):
        return f'its answer has another form than OpenAI has it ({error!r})'
    return str(error) or type(error).__name__
