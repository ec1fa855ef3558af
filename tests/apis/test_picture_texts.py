import pytest

from diffmm.apis.picture_texts import texts_of_pictures


def test_one_text_is_that_of_all():
    assert texts_of_pictures('a cat', 3, 'caption', 'the model') == ['a cat'] * 3
    assert texts_of_pictures(('a', 'b'), 2, 'caption', 'the model') == ('a', 'b')
    assert texts_of_pictures(None, 2, None, 'the model') == [None, None]


@pytest.mark.parametrize(
    ('text', 'key', 'message'),
    [
        ('a cat', None, "model of x.py is not prompted with a text, so 'a cat'"),
        (None, 'scene', r'model of x.py needs the text of the image \(scene\)'),
        (['a cat'], 'scene', r"2 pictures need as many texts, got 1: \['a cat'\]"),
        ({'a', 'b'}, 'scene', 'texts are a list of strings, got {'),
        (['a cat', ' ?'], 'scene', r"text of a picture \(scene\) is empty: ' \?'"),
        (['a cat', 7], 'scene', r'text of a picture \(scene\) is empty: 7'),
    ],
)
def test_texts_that_do_not_fit(text, key, message):
    with pytest.raises(ValueError, match=message):
        texts_of_pictures(text, 2, key, 'the model of x.py')
