"""The tab that divides a picture among names."""

from __future__ import annotations

import html
from typing import Any

import gradio as gr
import numpy as np

from diffmm.apis.segmentation import SegmentedImage
from diffmm.mini_world import MINI_CLASSES
from diffmm.visualization.predictions import draw_labels

from .models import PageModels
from .rounds import Session, split_things
from .showing import MODEL, SHOWN, enlarge, picture_of, tell

# More would be too many colors to tell apart.
_MAX_NAMES = 20
_MAX_LETTERS = 60
_HELP = (
    'Name what the picture shows. Every place gets one of the names: a small head '
    'reads how much it attends to each.'
)


class NamesTab:
    """Components and events of the tab, inside of the ``gr.Blocks`` that is open.

    Args:
        models: The models.
        session: The user's `Session`.
    """

    def __init__(self, models: PageModels, session: gr.State) -> None:
        self.models = models
        gr.Markdown(_HELP)
        with gr.Row():
            self.names = gr.Textbox(
                ', '.join(MINI_CLASSES), label='Names', scale=4, elem_id='names-text'
            )
            segment = gr.Button('Segment', variant='primary', elem_id='names')
        with gr.Row():
            self.image = gr.Image(label='Names', elem_id='names-image', **SHOWN)
            self.legend = gr.HTML(elem_id='names-legend')
        gr.on(
            [segment.click, self.names.submit],
            self.segment,
            [session, self.names],
            [self.image, self.legend],
            **MODEL,
        )

    def segment(self, session: Session, text: str) -> dict[Any, Any]:
        """Divides the user's picture."""
        with tell():
            picture = picture_of(session)
            names = split_things(text)
            if len(names) < 2:
                raise ValueError('give two names or more, with commas between them')
            if len(names) > _MAX_NAMES or max(map(len, names)) > _MAX_LETTERS:
                raise ValueError(
                    f'give at most {_MAX_NAMES} names of at most {_MAX_LETTERS} letters'
                )
            result = self.models.names(picture, names)
        rgb = np.ascontiguousarray(picture[..., ::-1])
        drawn = enlarge(draw_labels(rgb, result.class_map, result.palette))
        legend = _legend(result)
        if picture is not session.picture:
            # There is another one meanwhile.
            return self.clear()
        return {self.image: drawn, self.legend: legend}

    def clear(self) -> dict[Any, Any]:
        """Values of the components for a new picture."""
        return {self.image: None, self.legend: ''}


def _legend(result: SegmentedImage) -> str:
    """The colors of the names that were found, as HTML."""
    rows = []
    for name, share in result.shares().items():
        color = result.palette[result.classes.index(name)]
        # Names are the user's own text.
        rows.append(
            f'<tr><td style="background: rgb{tuple(color)}; width: 2em"></td>'
            f'<td>{html.escape(name)}</td><td>{share:.1%}</td></tr>'
        )
    return f'<table>{"".join(rows)}</table>'
