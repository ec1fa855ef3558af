"""Small parts that all tabs of the page share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import gradio as gr
import numpy as np

from .rounds import Session

# Smaller pictures are enlarged, in whole steps, to be seen.
_MIN_SIDE = 384
# Events that run a model take turns, whoever asks.
MODEL = dict(
    concurrency_id='model',
    concurrency_limit=1,
    show_progress='minimal',
    api_visibility='private',
)

# Pictures that are shown; gradio's own button to share them asks another machine.
SHOWN = dict(interactive=False, format='png', buttons=['fullscreen', 'download'])
# Events that run none.
QUICK = dict(show_progress='hidden', api_visibility='private')


def enlarge(image: np.ndarray) -> np.ndarray:
    """Enlarges a small picture for the screen.

    Args:
        image: RGB, (H, W, 3), uint8.
    """
    zoom = max(1, -(-_MIN_SIDE // max(image.shape[:2])))
    return cv2.resize(image, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)


@contextmanager
def tell() -> Iterator[None]:
    """Shows what is wrong with the user's input on the page."""
    try:
        yield
    except (ValueError, FileNotFoundError) as error:
        message = str(error)
        # It may begin with the name of a file.
        if message.split(' ')[0].isalpha():
            message = message[0].upper() + message[1:]
        raise gr.Error(message, print_exception=False) from error


def picture_of(session: Session) -> np.ndarray:
    """Takes the picture of a session.

    Raises:
        ValueError: There is none yet.
    """
    if session.picture is None:
        raise ValueError('upload a picture, or take one of those shown')
    return session.picture
