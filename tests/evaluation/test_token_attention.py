import numpy as np
import pytest
import torch

from diffmm.diffusion import load_architecture
from diffmm.diffusion.weights import write_word
from diffmm.evaluation.token_attention import (
    TokenAttention,
    TokenMaps,
    name_tokens,
    paste,
    spread,
)
from tests import tiny

IMAGE = np.random.default_rng(0).integers(0, 256, (64, 128, 3), dtype=np.uint8)
TEXT = 'a dark <night> photo of a traffic light'


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp('model')
    tiny.write_folder(folder / 'tiny')
    write_word('<night>', torch.ones(2, tiny.WIDTH), folder / 'night.safetensors')
    architecture = load_architecture(tiny.ARCHITECTURE)
    return TokenAttention(
        folder / 'tiny', architecture, learned_words=[folder / 'night.safetensors']
    )


def test_maps_of_a_text(model):
    maps = model.of_text(IMAGE, TEXT)
    pieces = 'a dark <night> <night>_1 photo of a traffic light'.split()
    assert maps.tokens == ('begin', *pieces, 'end') and len(maps.layers) == 16
    # Padding is attended to, and has no map.
    assert (maps.layers['up64.2'].sum(0) < 1).all()
    assert maps.find('traffic light') == [8, 9] and maps.find('<night>') == [3, 4]
    assert maps.find('<Night> Photo') == [3, 4, 5]
    with pytest.raises(ValueError, match="'tree' is not among the words"):
        maps.find('tree')


def find(text, mention):
    names, words = name_tokens(text)
    return TokenMaps(names, {}, words).find(mention)


def test_words_are_whole():
    # begin a cat xy z and a cat 's tail end
    text = "a catxyz and a Cat's tail"
    assert name_tokens(text)[0][2:5] == ('cat', 'xy', 'z')
    assert find(text, 'catxyz') == [2, 3, 4]
    assert find(text, 'Catxyz and') == [2, 3, 4, 5]
    assert find(text, 'cat') == [7] and find(text, "cat's") == [7, 8]
    assert find('a 🐕 and a 🐈', '🐈') == [5, 6]
    for piece in ('xyz', 'z', 'xy', 'a cat xyz'):
        with pytest.raises(ValueError, match="not among the words .*'a', 'catxyz'"):
            find(text, piece)


def test_the_names_of_begin_and_end_are_no_words():
    assert find('begin the end', 'begin') == [1] and find('begin the end', 'end') == [3]
    with pytest.raises(ValueError, match="'end' is not among the words .'a', 'dog'.$"):
        find('a dog', 'end')


def test_a_word_that_is_cut_is_none():
    long = 'a ' * 74 + 'catxyz'  # begin, 74 times a, and the first of three tokens
    names, words = name_tokens(long)
    assert len(names) == 77 and names[-2:] == ('cat', 'end') and len(words) == 74
    with pytest.raises(ValueError, match="'catxyz' is not among"):
        find(long, 'cat' + 'xyz')
    assert find('a ' * 72 + 'catxyz', 'catxyz') == [73, 74, 75]


def test_means_by_resolution_and_stage():
    layers = {
        'down64.0': torch.full((1, 4, 4), 1.0),
        'up32.0': torch.full((1, 2, 2), 3.0),
        'up32.1': torch.full((1, 2, 2), 5.0),
    }
    maps = TokenMaps(('a',), layers)
    assert list(maps.groups) == ['overall', '64', 'down64', '32', 'up32']
    assert maps.mean('32').shape == (1, 2, 2) and maps.mean('32').unique() == 4
    assert maps.mean().shape == (1, 4, 4)
    torch.testing.assert_close(maps.mean(), torch.full((1, 4, 4), 3.0))
    with pytest.raises(ValueError, match="one of .*'up32'.*got 'up64'"):
        maps.mean('up64')


def test_end_tokens(model):
    one = model.of_end_tokens(IMAGE, ['cat', 'dog'], ['a photo of a {}'])
    two = model.of_end_tokens(IMAGE, ['cat', 'dog'], ['a photo of a {}', 'a {}'])
    assert one.tokens == ('cat', 'dog')
    for label, layer in one.layers.items():
        torch.testing.assert_close(layer.sum(0), torch.ones(layer.shape[1:]))
        assert layer.shape == two.layers[label].shape
    assert not torch.allclose(one.mean(), two.mean(), atol=1e-6)


def test_pictures_of_other_sizes_are_refused(model):
    with pytest.raises(ValueError, match='multiples of 64, got 60x128'):
        model.of_text(IMAGE[:60], TEXT)


def test_spread_tells_a_point_from_a_plain():
    point = torch.zeros(1, 4, 4)
    point[0, 1, 2] = 0.3
    maps = torch.cat([point, torch.full((1, 4, 4), 0.01)])
    torch.testing.assert_close(spread(maps), torch.tensor([0.0, 1.0]))


def test_paste():
    item = np.full((2, 3, 4), 200, np.uint8)
    item[..., 3] = [[255, 0, 255]] * 2
    result = paste(IMAGE, item, 10, 20)
    assert (result[20:22, 10] == 200).all() and (result[20:22, 12] == 200).all()
    result[20:22, 10:13:2] = IMAGE[20:22, 10:13:2]
    assert (result == IMAGE).all()
    with pytest.raises(ValueError, match='2x3 at column 126 and row 0 .* 64x128'):
        paste(IMAGE, item, 126, 0)
