"""The page: a picture, and a tab for everything that can be asked about it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import gradio as gr
import numpy as np

from diffmm.mini_world import MINI_CLASSES

from .depth_tab import DepthTab
from .examples import Example
from .files import KEPT, PageFiles
from .find_tab import FindTab
from .models import PageModels
from .names_tab import NamesTab
from .rounds import Session
from .showing import QUICK, SHOWN, enlarge, tell

# Seconds between two looks for what visitors left behind.
_LOOK = 60
_TITLE = 'DiffMM'
_ABOUT = (
    '# DiffMM\nStable Diffusion that looks at a picture. The shipped models know the '
    '*mini world*, drawn scenes with sixteen kinds of things; other pictures only show '
    'that it runs. Pictures stay on this machine, and are deleted within the hour.'
)


class Page:
    """The page's components and events.

    Args:
        models: The models.
        files: The private folder. gradio keeps its own files in it, too.
        examples: Pictures to choose from.

    Attributes:
        blocks: The ``gr.Blocks``, to be launched by `serve`.
    """

    def __init__(
        self, models: PageModels, files: PageFiles, examples: Sequence[Example]
    ) -> None:
        # Components remember it when they are made.
        os.environ['GRADIO_TEMP_DIR'] = str(files.uploads)
        self.files = files
        self.examples = examples
        self.blocks = gr.Blocks(
            title=_TITLE, analytics_enabled=False, delete_cache=(_LOOK, KEPT)
        )
        with self.blocks:
            session = gr.State(Session(), time_to_live=KEPT)
            gr.Markdown(_ABOUT)
            with gr.Row():
                with gr.Column(scale=2, min_width=280):
                    upload = gr.UploadButton(
                        'Upload a picture', file_types=['image'], elem_id='upload'
                    )
                    choice = gr.Gallery(
                        [enlarge(each.picture[..., ::-1]) for each in examples],
                        label='or take one of these',
                        columns=3,
                        height=350,
                        allow_preview=False,
                        elem_id='examples',
                        **SHOWN,
                    )
                    self.shown = gr.Image(
                        label='Your picture', elem_id='picture', **SHOWN
                    )
                with gr.Column(scale=5):
                    with gr.Tab('Find'):
                        self.find = FindTab(models, files, session)
                    with gr.Tab('Depth'):
                        self.depth = DepthTab(models, files, session)
                    with gr.Tab('Names'):
                        self.names = NamesTab(models, session)
            texts = [self.find.text, self.names.names]
            outputs = [session, self.shown, *texts, *self._cleared()]
            self.session = session
            upload.upload(self.take_upload, [session, upload], outputs, **QUICK)
            choice.select(self.take_example, session, outputs, **QUICK)
            self.blocks.unload(self.forget)

    def take_upload(self, session: Session, upload: str) -> dict[Any, Any]:
        """Takes an uploaded picture."""
        with tell():
            picture = self.files.take(upload)
        return self._show(session, picture, '', MINI_CLASSES)

    def take_example(self, event: gr.SelectData, session: Session) -> dict[Any, Any]:
        """Takes one of the pictures that are shown, with something to find in it."""
        return self._show(session, *self.examples[event.index])

    def forget(self, request: gr.Request) -> None:
        """Removes what a visitor has who leaves."""
        self.files.forget(request.session_hash or '')

    def _show(
        self, session: Session, picture: np.ndarray, text: str, names: Sequence[str]
    ) -> dict[Any, Any]:
        session.choose(picture)
        return {
            **self._cleared(),
            self.session: session,
            self.shown: enlarge(picture[..., ::-1]),
            self.find.text: text,
            self.names.names: ', '.join(names),
        }

    def _cleared(self) -> dict[Any, Any]:
        tabs = (self.find, self.depth, self.names)
        return {part: value for tab in tabs for part, value in tab.clear().items()}
