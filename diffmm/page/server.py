"""Serves the page."""

from __future__ import annotations

import signal
import sys
from types import FrameType

import gradio as gr

from .files import PageFiles
from .page import Page

# Fonts of the visitor's machine: gradio's own come from the internet.
_FONTS = dict(font=['system-ui', 'sans-serif'], font_mono=['ui-monospace', 'monospace'])


def serve(
    page: Page,
    files: PageFiles,
    host: str = '127.0.0.1',
    port: int = 7860,
    max_waiting: int = 16,
    block: bool = True,
) -> str:
    """Serves the page until it is interrupted, then removes its files.

    Args:
        page: The page.
        files: Its private folder.
        host: Address to listen at; by default this machine alone.
        port: Port; 0 takes a free one.
        max_waiting: Most requests that wait for the model, at least 1; further ones are
            told so.
        block: Waits until the server is told to stop. Otherwise returns at once.

    Returns:
        The address of the page.

    Raises:
        OSError: The port is taken.
    """
    page.blocks.queue(max_size=max_waiting, default_concurrency_limit=4)
    try:
        _, url, _ = page.blocks.launch(
            server_name=host,
            # gradio does not ask the system which one it took for 0.
            server_port=port or None,
            share=False,
            max_file_size=files.limits.max_bytes,
            state_session_capacity=100,
            theme=gr.themes.Default(**_FONTS),
            footer_links=[],
            quiet=True,
            run_history=False,
            enable_monitoring=False,
            ssr_mode=False,
            prevent_thread_lock=True,
        )
        if block:
            # A killed page must not leave its files behind either.
            signal.signal(signal.SIGTERM, _stop)
            print(f'{url} (Ctrl-C stops it)', flush=True)
            page.blocks.block_thread()
    finally:
        if block:
            page.blocks.close(verbose=False)
            files.remove()
    return url


def _stop(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
