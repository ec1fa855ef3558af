"""The tab that estimates depth."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np

from .files import PageFiles
from .models import PageModels
from .rounds import Session
from .showing import MODEL, SHOWN, enlarge, picture_of, tell

# Millimeters in 16 bits, as NYUv2 has them.
_UNITS = 1000


class DepthTab:
    """Components and events of the tab, inside of the ``gr.Blocks`` that is open.

    Args:
        models: The models.
        files: The private folder.
        session: The user's `Session`.
    """

    def __init__(self, models: PageModels, files: PageFiles, session: gr.State) -> None:
        self.models = models
        self.files = files
        gr.Markdown('How far everything is. Near things are bright, far things dark.')
        estimate = gr.Button('Estimate depth', variant='primary', elem_id='depth')
        self.status = gr.Markdown(elem_id='depth-status')
        self.image = gr.Image(label='Depth', elem_id='depth-image', **SHOWN)
        self.file = gr.DownloadButton(
            'Download 16 bits, in millimeters', interactive=False
        )
        outputs = [self.status, self.image, self.file]
        estimate.click(self.estimate, session, outputs, **MODEL)

    def estimate(self, request: gr.Request, session: Session) -> dict[Any, Any]:
        """Estimates the depth of the user's picture."""
        with tell():
            picture = picture_of(session)
            result = self.models.depth(picture)
        units = np.rint(result.depth * _UNITS).clip(0, 65535).astype(np.uint16)
        path = self.files.write(request.session_hash or '', 'depth.png', units)
        shown = enlarge(result.colored())
        near, far = float(result.depth.min()), float(result.depth.max())
        if picture is not session.picture:
            # There is another one meanwhile.
            return self.clear()
        return {
            self.status: f'{near:.2f} m (bright) to {far:.2f} m (dark)',
            self.image: shown,
            self.file: gr.update(value=str(path), interactive=True),
        }

    def clear(self) -> dict[Any, Any]:
        """Values of the components for a new picture."""
        return {
            self.status: '',
            self.image: None,
            self.file: gr.update(value=None, interactive=False),
        }
