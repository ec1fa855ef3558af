import pytest

from diffmm.models.perceptors.corrections import check_corrections

TEXTS = ('a cat', 'a dog')


@pytest.mark.parametrize(
    ('corrections', 'message'),
    [
        ([['A  Cat'], ['a fish']], "'A  Cat' is what shall be found"),
        ([['a fish'], ['"A dog."']], 'is what shall be found'),
        ([[' '], ['a fish']], "of 'a cat' is empty"),
        ([['...'], ['a fish']], r"'\.\.\.' of 'a cat' is empty"),
        ([[5], ['a fish']], 'a correction is a text, got 5'),
        ([None, ['a fish']], 'a list of texts for every image'),
        ([['a fish']], r'2 images need as many lists .* got lists of \[1\]'),
        ([['a fish'], []], r'lists of \[1, 0\]'),
        (['a fish', 'a tree'], 'a list of texts for every image'),
    ],
    ids=str,
)
def test_corrections_that_mean_nothing(corrections, message):
    with pytest.raises(ValueError, match=message):
        check_corrections(TEXTS, corrections)


def test_none_are_none_for_every_text():
    assert check_corrections(TEXTS, ()) == [(), ()]
    other = [['a fish'], ['a cat']]
    assert check_corrections(TEXTS, other) == other
