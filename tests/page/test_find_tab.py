"""The tab's answers, event by event, without a browser."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from tests.page.conftest import STEPS

gr = pytest.importorskip(
    'gradio', reason='the page needs gradio: make demo installs it'
)
# gradio's own.
pytestmark = pytest.mark.filterwarnings('ignore::DeprecationWarning')

SLIDERS = (1, 1, 1, STEPS, 0)


@pytest.fixture
def tab(page):
    return page.find


def find(tab, visitor, text='the ball', sliders=SLIDERS):
    return tab.find(visitor.request, visitor.session, text, '', *sliders)


def correct(tab, visitor, text, more):
    return tab.correct(visitor.request, visitor.session, text, more, *SLIDERS)


def ask(tab, visitor, text='the ball'):
    return tab.ask(visitor.request, visitor.session, text, '', *SLIDERS)


def written(button):
    return cv2.imread(button['value'], cv2.IMREAD_UNCHANGED)


def test_every_step_is_shown_and_the_last_is_kept(tab, visitor):
    *steps, last = find(tab, visitor, '  the   ball ')
    said = [step[tab.status] for step in steps]
    assert said[0] == f'Step 1 of {STEPS}, t = 749: 12.5% of the picture'
    assert said[-1].startswith(f'Step {STEPS} of {STEPS}, ') and len(said) == STEPS
    assert said[-1].endswith(': 50.0% of the picture')
    assert last[tab.status].startswith('**the ball**: 50.0% of the picture (text 1, ')
    # The picture is enlarged for the screen; files have its own size.
    assert last[tab.live].shape == (384, 384, 3)
    mask = written(last[tab.mask_file])
    assert mask.shape == (96, 96) and (mask[:, :48] == 255).all()
    assert not mask[:, 48:].any()
    ((shown, title),) = last[tab.rounds]
    assert title == 'the ball' and np.array_equal(shown, last[tab.live])


def test_corrections_and_undo(tab, visitor):
    list(find(tab, visitor))
    *_, last = correct(tab, visitor, 'the ball', 'the tree; the lamp')
    assert last[tab.more] == '' and len(last[tab.rounds]) == 2
    assert last[tab.status].startswith('**the ball, not the tree, not the lamp**: 50')
    assert (written(last[tab.mask_file])[:, 48:] == 255).all()
    back = tab.undo(visitor.request, visitor.session)
    assert back[tab.text] == 'the ball' and len(back[tab.rounds]) == 1
    assert back[tab.status].startswith('**the ball**: ')
    assert (written(back[tab.mask_file])[:, :48] == 255).all()
    for _ in range(2):
        empty = tab.undo(visitor.request, visitor.session)
        assert empty[tab.rounds] == [] and empty[tab.live] is None
        assert empty[tab.mask_file]['interactive'] is False
    # Where nothing is found, it is said.
    none = np.zeros((96, 96), bool)
    tab.models.step = lambda *_: SimpleNamespace(mask=none, timestep=0.0)
    *_, last = find(tab, visitor)
    assert last[tab.status].startswith('**the ball**: nothing found (')


@pytest.mark.parametrize(
    ('event', 'message'),
    [
        (lambda tab, visitor: find(tab, visitor, ' \n '), 'Say what to find'),
        (lambda tab, visitor: ask(tab, visitor, ''), 'Say what to find'),
        (lambda *both: correct(*both, '', 'a tree'), 'Say what to find'),
        (lambda *both: correct(*both, 'a', ' ,;'), 'Say what it is not: name what is'),
        (lambda *both: find(*both, 'nothing at all'), 'There is no such thing'),
        (
            lambda *both: find(*both, sliders=(1, 1, 1, STEPS, None)),
            'Fill in every field of the guidance',
        ),
    ],
)
def test_what_cannot_be_found_is_said(tab, visitor, event, message):
    with pytest.raises(gr.Error) as error:
        list(event(tab, visitor))
    assert error.value.message.startswith(message)
    assert visitor.session.rounds == []


def test_without_a_picture_it_asks_for_one(tab, visitor):
    visitor.session.picture = None
    for event in (
        find(tab, visitor),
        correct(tab, visitor, 'a', 'b'),
        ask(tab, visitor),
    ):
        with pytest.raises(gr.Error, match='Upload a picture, or take one'):
            next(event)


def test_the_agents_report(tab, visitor):
    first, last = ask(tab, visitor)
    assert list(first) == [tab.status]
    assert last[tab.report] == (
        '**Caption**: a tree\n\n**Confusers** (rules): the tree\n\nthe endpoint is down'
    )
    assert last[tab.runs].ndim == 3
    assert last[tab.status].startswith('**the ball, not the tree**: ')
    assert last[tab.status].endswith('(by the agent)')


def test_another_picture_stops_an_answer_and_shows_nothing_of_it(tab, page, visitor):
    answer = find(tab, visitor)
    next(answer)
    visitor.session.choose(page.examples[1].picture)
    (last,) = answer
    assert last[tab.live] is None and last[tab.status] == ''
    assert visitor.session.rounds == [] and tab.models.running == 0
    assert tab.models.made == 2
    report = ask(tab, visitor)
    next(report)
    visitor.session.choose(page.examples[0].picture)
    (last,) = report
    assert last[tab.status] == '' and not {tab.report, tab.runs, tab.rounds} & set(last)


def test_another_picture_clears_what_the_agent_did(tab, page, visitor):
    cleared = page.take_example(SimpleNamespace(index=1), visitor.session)
    assert cleared[tab.report] == 'Nothing yet.' and cleared[tab.runs] is None
    assert cleared[tab.text] == 'the tree' and cleared[tab.rounds] == []


def choose_another(page, session):
    session.choose(page.examples[1].picture)


@pytest.mark.parametrize('name', ['find', 'correct', 'ask'])
@pytest.mark.parametrize(
    'between', [lambda page, session: session.undo(), choose_another]
)
def test_a_round_that_is_gone_at_once(page, tab, visitor, monkeypatch, name, between):
    """Everything that is cleared then is an output of the event."""
    add = visitor.session.add

    def add_and_lose(*arguments):
        added = add(*arguments)
        between(page, visitor.session)
        return added

    monkeypatch.setattr(visitor.session, 'add', add_and_lose)
    event = getattr(tab, name)
    *_, last = event(visitor.request, visitor.session, 'the ball', 'a tree', *SLIDERS)
    assert last[tab.rounds] == [] and tab.report in last
    (outputs,) = [each.outputs for each in page.blocks.fns.values() if each.fn == event]
    assert set(last) <= set(outputs)


def test_undo_does_not_disturb_the_rounds_that_are_shown(tab, visitor, monkeypatch):
    write = tab.files.write

    def write_and_undo(*arguments):
        visitor.session.undo()
        return write(*arguments)

    monkeypatch.setattr(tab.files, 'write', write_and_undo)
    *_, last = find(tab, visitor)
    ((_, title),) = last[tab.rounds]
    assert title == 'the ball' and visitor.session.rounds == []
