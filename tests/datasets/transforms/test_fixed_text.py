import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401


def build(text='the red ball'):
    return TRANSFORMS.build(dict(type='FixedText', key='expression', text=text))


def test_a_picture_without_a_text_gets_it():
    item = build()(dict(img_path='a.jpg'))
    assert item == dict(img_path='a.jpg', expression='the red ball')


def test_a_text_of_its_own_stays():
    assert build()(dict(expression='a tree')) == dict(expression='a tree')


@pytest.mark.parametrize('text', ['', '  ', None, 3])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(ValueError, match=f"under 'expression' must be .*{text!r}"):
        build(text)


def test_repr():
    assert repr(build()) == "FixedText(key='expression', text='the red ball')"
