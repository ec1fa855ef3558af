from __future__ import annotations

import numpy as np
import pytest

gr = pytest.importorskip(
    'gradio', reason='the page needs gradio: make demo installs it'
)

from diffmm.page.rounds import Session  # noqa: E402
from diffmm.page.showing import enlarge, picture_of, tell  # noqa: E402


@pytest.mark.parametrize(
    ('size', 'shown'),
    [
        ((96, 96), (384, 384)),
        # The longer side counts; steps are whole.
        ((64, 100), (256, 400)),
        ((383, 10), (766, 20)),
        ((384, 2), (384, 2)),
        ((768, 500), (768, 500)),
        ((1, 1), (384, 384)),
    ],
)
def test_small_pictures_are_enlarged_in_whole_steps(size, shown):
    # Every channel has its own value, and a view of it is no copy.
    image = np.full((*size, 3), (10, 20, 30), np.uint8)[..., ::-1]
    found = enlarge(image)
    assert found.shape == (*shown, 3) and found.dtype == np.uint8
    assert (found == (30, 20, 10)).all()


@pytest.mark.parametrize(
    ('error', 'message'),
    [
        (ValueError('say what to find'), 'Say what to find'),
        (ValueError('übel'), 'Übel'),
        # A file keeps its name.
        (ValueError('a.png is no picture'), 'a.png is no picture'),
        (FileNotFoundError('no config at a.py'), 'No config at a.py'),
        (ValueError(''), ''),
    ],
)
def test_what_the_user_can_mend_is_told(error, message):
    with pytest.raises(gr.Error) as told, tell():
        raise error
    assert told.value.message == message and told.value.__cause__ is error


def test_a_mistake_of_the_program_stays_one():
    with pytest.raises(TypeError, match='^lost$'), tell():
        raise TypeError('lost')


def test_a_session_begins_without_a_picture():
    session = Session()
    with pytest.raises(ValueError, match='upload a picture, or take one of'):
        picture_of(session)
    session.choose(np.zeros((8, 8, 3), np.uint8))
    assert picture_of(session) is session.picture
