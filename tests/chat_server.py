"""A small endpoint that speaks OpenAI's protocol, for tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class ChatServer(NamedTuple):
    """A running endpoint.

    Attributes:
        url: Its base, ending in ``/v1``.
        requests: Path, Authorization header and body of every request.
    """

    url: str
    requests: list


@contextmanager
def chat_server(
    answer: Callable[[dict], str] | str | bytes,
    status: int = 200,
    drip: float = 0,
    location: str = '',
) -> Iterator[ChatServer]:
    """Runs an endpoint.

    Args:
        answer: What it says, or what it makes of the body of a request; bytes are sent
            as they are.
        status: Of the answer.
        drip: Seconds between the bytes of the answer.
        location: Where a redirect leads.
    """
    requests: list = []
    closed = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
            requests.append((self.path, self.headers.get('Authorization'), body))
            said = answer(body) if callable(answer) else answer
            if not isinstance(said, bytes):
                said = json.dumps(dict(choices=[dict(message=dict(content=said))]))
                said = said.encode()
            self.send_response(status)
            if location:
                self.send_header('Location', location)
            self.end_headers()
            try:
                if not drip:
                    self.wfile.write(said)
                for byte in said if drip else b'':
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    if closed.wait(drip):
                        return
            except OSError:
                pass  # the client is gone

        def do_GET(self) -> None:
            requests.append((self.path, self.headers.get('Authorization'), None))
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield ChatServer(f'http://127.0.0.1:{server.server_port}/v1', requests)
    finally:
        closed.set()
        server.shutdown()
        server.server_close()
