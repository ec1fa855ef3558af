from __future__ import annotations

import cv2
import numpy as np
import pytest

gr = pytest.importorskip(
    'gradio', reason='the page needs gradio: make demo installs it'
)
# gradio's own.
pytestmark = pytest.mark.filterwarnings('ignore::DeprecationWarning')


@pytest.fixture
def tab(page):
    return page.depth


def test_depth_is_shown_said_and_written(tab, visitor):
    """The fake model's depth falls from 5 m in the first row to 1 m in the last."""
    found = tab.estimate(visitor.request, visitor.session)
    assert found[tab.status] == '1.00 m (bright) to 5.00 m (dark)'
    shown = found[tab.image]
    assert shown.shape == (384, 384, 3) and shown[-1].mean() > shown[0].mean() + 50
    assert found[tab.file]['interactive'] is True
    units = cv2.imread(found[tab.file]['value'], cv2.IMREAD_UNCHANGED)
    assert units.dtype == np.uint16 and units.shape == (96, 96)
    assert units[0, 0] == 5000 and units[-1, -1] == 1000


@pytest.mark.parametrize(('meters', 'units'), [(70.0, 65535), (-1.0, 0)])
def test_what_16_bits_cannot_hold_is_cut(tab, visitor, monkeypatch, meters, units):
    depth = tab.models.depth(visitor.session.picture)
    depth.depth[0] = meters
    monkeypatch.setattr(tab.models, 'depth', lambda _: depth)
    found = tab.estimate(visitor.request, visitor.session)
    written = cv2.imread(found[tab.file]['value'], cv2.IMREAD_UNCHANGED)
    assert written[0, 0] == units and written[-1, -1] == 1000


def test_two_visitors_have_two_files(tab, visitor):
    first = tab.estimate(visitor.request, visitor.session)[tab.file]['value']
    visitor.request.session_hash = 'another'
    second = tab.estimate(visitor.request, visitor.session)[tab.file]['value']
    assert first != second


def test_without_a_picture_it_asks_for_one(tab, visitor):
    visitor.session.picture = None
    with pytest.raises(gr.Error, match='Upload a picture'):
        tab.estimate(visitor.request, visitor.session)


@pytest.mark.parametrize('step', ['models.depth', 'files.write'])
def test_nothing_is_shown_below_another_picture(tab, page, visitor, monkeypatch, step):
    part, name = step.split('.')
    done = getattr(getattr(tab, part), name)

    def slow(*arguments):
        visitor.session.choose(page.examples[1].picture)
        return done(*arguments)

    monkeypatch.setattr(getattr(tab, part), name, slow)
    assert tab.estimate(visitor.request, visitor.session) == tab.clear()
