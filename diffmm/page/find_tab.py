"""The tab that finds what a text means, and takes corrections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import gradio as gr
import numpy as np

from .files import PageFiles
from .models import PageModels, Strengths
from .rounds import Round, Session
from .showing import MODEL, QUICK, SHOWN, enlarge, picture_of, tell

_HELP = (
    'Watch the mask appear while the model denoises it. If it marks something else, '
    'say what it is not.'
)
_NO_REPORT = 'Nothing yet.'


class FindTab:
    """Components and events of the tab, inside of the ``gr.Blocks`` that is open.

    Args:
        models: The models.
        files: The private folder.
        session: The user's `Session`.
    """

    def __init__(self, models: PageModels, files: PageFiles, session: gr.State) -> None:
        self.models = models
        self.files = files
        self.session = session
        gr.Markdown(_HELP)
        with gr.Row():
            self.text = gr.Textbox(
                label='Find',
                placeholder='the red ball left of the tree',
                scale=4,
                max_lines=1,
                elem_id='find-text',
            )
            find = gr.Button('Find', variant='primary', elem_id='find')
        with gr.Row():
            self.more = gr.Textbox(
                label='It is not',
                placeholder='the clock, the lamp',
                scale=4,
                max_lines=1,
                elem_id='not-text',
            )
            correct = gr.Button('Correct', elem_id='correct')
            undo = gr.Button('Undo', elem_id='undo')
            ask = gr.Button('Let the agent correct it', elem_id='agent')
        with gr.Accordion('Guidance', open=False, elem_id='guidance'):
            sliders = self._sliders()
        self.status = gr.Markdown(elem_id='status')
        with gr.Row():
            self.live = gr.Image(label='Mask', elem_id='mask', **SHOWN)
            self.rounds = gr.Gallery(
                label='Rounds, oldest first',
                columns=2,
                height='auto',
                elem_id='rounds',
                **SHOWN,
            )
        with gr.Row():
            self.mask_file = gr.DownloadButton(
                'Download the mask', interactive=False, elem_id='download-mask'
            )
            self.overlay_file = gr.DownloadButton(
                'Download the overlay', interactive=False, elem_id='download-overlay'
            )
        with gr.Accordion('What the agent did', open=False, elem_id='agent-report'):
            self.report = gr.Markdown(_NO_REPORT)
            self.runs = gr.Image(show_label=False, elem_id='agent-runs', **SHOWN)
        inputs = [session, self.text, self.more, *sliders]
        outputs = [
            self.session,
            self.live,
            self.status,
            self.rounds,
            self.more,
            self.mask_file,
            self.overlay_file,
            self.report,
            self.runs,
        ]
        gr.on([find.click, self.text.submit], self.find, inputs, outputs, **MODEL)
        gr.on([correct.click, self.more.submit], self.correct, inputs, outputs, **MODEL)
        ask.click(self.ask, inputs, outputs, **MODEL)
        undo.click(self.undo, session, [*outputs, self.text], **QUICK)

    def find(
        self,
        request: gr.Request,
        session: Session,
        text: str,
        more: str,
        *settings: float,
    ) -> Iterator[dict]:
        """Finds what the text means."""
        yield from self._answer(session, text, (), settings, request)

    def correct(
        self,
        request: gr.Request,
        session: Session,
        text: str,
        more: str,
        *settings: float,
    ) -> Iterator[dict]:
        """Finds it again, told what it is not."""
        with tell():
            picture_of(session)
            text = ' '.join(text.split())
            corrections = session.corrections_with(text, more)
        yield from self._answer(session, text, corrections, settings, request)

    def ask(
        self,
        request: gr.Request,
        session: Session,
        text: str,
        more: str,
        *settings: float,
    ) -> Iterator[dict]:
        """Lets the agent find and correct it."""
        picture, text = self._check(session, text)
        yield {self.status: 'The agent describes the picture and asks for confusers.'}
        with tell():
            answer = self.models.agent(picture, text, Strengths.read(settings))
        proposal = answer.proposal
        kept = Round(text, proposal.confusers, answer.mask, 'by the agent')
        shown = self._keep(session, picture, kept, request)
        if picture is not session.picture:
            yield shown
            return
        named = ', '.join(proposal.confusers) or 'none'
        lines = [
            f'**Caption**: {answer.caption}',
            f'**Confusers** ({proposal.source}): {named}',
            *proposal.notes,
        ]
        yield {
            **shown,
            self.report: '\n\n'.join(lines),
            self.runs: answer.draw(columns=3),
        }

    def undo(self, request: gr.Request, session: Session) -> dict[Any, Any]:
        """Forgets the last round."""
        before = session.undo()
        shown = {self.session: session, **self._show_rounds(session, request)}
        if before is None:
            return {**shown, self.live: None, self.status: '', self.more: ''}
        return {
            **shown,
            self.text: before.text,
            self.more: '',
            self.live: enlarge(before.overlay(session.picture)),
            self.status: _summary(before),
        }

    def clear(self) -> dict[Any, Any]:
        """Values of the components for a new picture."""
        off = gr.update(value=None, interactive=False)
        return {
            self.live: None,
            self.status: '',
            self.rounds: [],
            self.more: '',
            self.mask_file: off,
            self.overlay_file: off,
            self.report: _NO_REPORT,
            self.runs: None,
        }

    def _sliders(self) -> list[gr.components.Component]:
        defaults = self.models.strengths
        with gr.Row():
            return [
                gr.Slider(0, 15, defaults.text, step=0.5, label='Text'),
                gr.Slider(0, 5, defaults.image, step=0.25, label='Picture'),
                gr.Slider(0, 10, defaults.correction, step=0.5, label='Correction'),
                gr.Slider(1, 100, defaults.steps, step=1, label='Steps'),
                gr.Number(defaults.seed, label='Seed', precision=0, minimum=0),
            ]

    def _check(self, session: Session, text: str) -> tuple[np.ndarray, str]:
        with tell():
            picture = picture_of(session)
            text = ' '.join(text.split())
            if not text:
                raise ValueError('say what to find')
        return picture, text

    def _answer(
        self,
        session: Session,
        text: str,
        corrections: tuple[str, ...],
        settings: tuple[float, ...],
        request: gr.Request,
    ) -> Iterator[dict]:
        picture, text = self._check(session, text)
        with tell():
            strengths = Strengths.read(settings)
            steps = self.models.find(picture, text, corrections, strengths)
            for number, step in enumerate(steps, 1):
                kept = Round(text, corrections, step.mask, strengths.describe())
                if picture is not session.picture:
                    break
                # Behind the steps comes the result.
                if number <= strengths.steps:
                    yield {
                        self.live: enlarge(kept.overlay(picture)),
                        self.status: f'Step {number} of {strengths.steps:g}, t = '
                        f'{step.timestep:g}: {kept.share:.1%} of the picture',
                    }
        yield self._keep(session, picture, kept, request)

    def _keep(
        self, session: Session, picture: np.ndarray, kept: Round, request: gr.Request
    ) -> dict[Any, Any]:
        if not session.add(picture, kept):
            gr.Info('There is another picture now, so this answer was dropped.')
            # A step may have been shown on the way.
            return {self.session: session, self.live: None, self.status: ''}
        return {
            self.session: session,
            self.live: enlarge(kept.overlay(picture)),
            self.status: _summary(kept),
            self.more: '',
            **self._show_rounds(session, request),
        }

    def _show_rounds(self, session: Session, request: gr.Request) -> dict[Any, Any]:
        # Undo and another picture do not wait for this.
        picture, rounds = session.picture, session.rounds
        if not rounds:
            return self.clear()
        last = rounds[-1]
        visitor, number = request.session_hash or '', len(rounds)
        mask = last.mask.astype(np.uint8) * 255
        overlay = cv2.cvtColor(last.overlay(picture), cv2.COLOR_RGB2BGR)
        files = [
            self.files.write(visitor, f'{name}_{number}.png', pixels)
            for name, pixels in (('mask', mask), ('overlay', overlay))
        ]
        buttons = [gr.update(value=str(file), interactive=True) for file in files]
        shown = [(enlarge(r.overlay(picture)), r.title) for r in rounds]
        return {
            self.rounds: shown,
            self.mask_file: buttons[0],
            self.overlay_file: buttons[1],
        }


def _summary(kept: Round) -> str:
    found = f'{kept.share:.1%} of the picture' if kept.share else 'nothing found'
    return f'**{kept.title}**: {found} ({kept.note})'
