from __future__ import annotations

import numpy as np
import pytest

gr = pytest.importorskip(
    'gradio', reason='the page needs gradio: make demo installs it'
)
# gradio's own.
pytestmark = pytest.mark.filterwarnings('ignore::DeprecationWarning')


@pytest.fixture
def tab(page):
    return page.names


def test_a_picture_is_divided_among_the_names(tab, visitor):
    """The fake model gives the left half to the second name."""
    found = tab.segment(visitor.session, 'sky, <b>树</b>; sky,\n  unseen thing')
    legend = found[tab.legend]
    assert legend.count('<tr>') == 2 and 'unseen' not in legend
    assert '<td>&lt;b&gt;树&lt;/b&gt;</td><td>50.0%</td>' in legend
    assert 'background: rgb(40, 90, 200);' in legend
    image = found[tab.image].astype(int)
    assert image.shape == (384, 384, 3)
    # Its colors are (0, 90, 200) and (40, 90, 200); the picture is darker on the left.
    assert (image[..., 2] > image[..., 0]).all()


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', 'Give two names or more'),
        ('sky', 'Give two names or more'),
        ('sky,, sky ;', 'Give two names or more'),
        (','.join(f'n{i}' for i in range(21)), 'Give at most 20 names of at most 60'),
        (f'sky, {"x" * 61}', 'Give at most 20 names of at most 60 letters'),
    ],
)
def test_too_few_and_too_many_names_are_refused(tab, visitor, text, message):
    with pytest.raises(gr.Error, match=message):
        tab.segment(visitor.session, text)


def test_the_most_names_are_taken(tab, visitor):
    names = [f'{i:060d}' for i in range(20)]
    found = tab.segment(visitor.session, ','.join(names))
    assert names[0] in found[tab.legend] and isinstance(found[tab.image], np.ndarray)


def test_nothing_is_shown_below_another_picture(tab, page, visitor, monkeypatch):
    from diffmm.page import names_tab

    def slowly(done):
        def slow(*arguments):
            visitor.session.choose(page.examples[1].picture)
            return done(*arguments)

        return slow

    with monkeypatch.context() as patch:
        patch.setattr(tab.models, 'names', slowly(tab.models.names))
        assert tab.segment(visitor.session, 'sky, tree') == tab.clear()
    visitor.session.choose(page.examples[0].picture)
    monkeypatch.setattr(names_tab, '_legend', slowly(names_tab._legend))
    assert tab.segment(visitor.session, 'sky, tree') == tab.clear()
