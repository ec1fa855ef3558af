import open_clip
import pytest
from mmseg.datasets import ADE20KDataset

from diffmm.diffusion import load_tokenizer
from diffmm.diffusion.tokenizer import MAX_TOKENS, pad_token_ids
from tests import tiny


def test_known_ids():
    """The ids that CLIP's vocabulary gives these words."""
    tokenizer = load_tokenizer()
    assert len(tokenizer) == 49408
    expected = [49406, 320, 1125, 539, 320, 2368, 49407]
    assert tokenizer('a photo of a cat').input_ids == expected
    assert tokenizer('').input_ids == [49406, 49407]


@pytest.mark.parametrize(
    'texts',
    [
        ADE20KDataset.METAINFO['classes'],
        ['A Photo of a CAT', "the cat's toy, 2 x 3!", 'crème brûlée', 'x' * 40],
    ],
    ids=['ADE20K', 'odd'],
)
def test_ids_are_those_of_open_clip(texts):
    expected = open_clip.tokenizer.SimpleTokenizer()(list(texts))  # padded with 0
    ours = load_tokenizer()(list(texts)).input_ids
    assert [row[row != 0].tolist() for row in expected] == ours


def test_long_texts_end_with_the_end_token():
    ids = load_tokenizer()('cat ' * 100, truncation=True).input_ids
    assert len(ids) == MAX_TOKENS == 77
    assert (ids[0], ids[-1]) == (49406, 49407)


def test_it_is_built_without_the_network(monkeypatch):
    attempts = tiny.block_network(monkeypatch)
    load_tokenizer.cache_clear()
    assert load_tokenizer()('cat').input_ids == [49406, 2368, 49407]
    assert attempts == []


def test_texts_are_padded_and_truncated_to_one_length():
    ids, lengths = pad_token_ids(
        ['a cat', '', 'cat ' * 9], pad_token_id=0, max_length=6
    )
    assert ids.tolist() == [
        [49406, 320, 2368, 49407, 0, 0],
        [49406, 49407, 0, 0, 0, 0],
        [49406, 2368, 2368, 2368, 2368, 49407],
    ]
    assert lengths.tolist() == [4, 2, 6]
