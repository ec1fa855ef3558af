import numpy as np
import pytest
import torch

from diffmm.visualization import draw_cross_attention, merge_attention_maps
from diffmm.visualization.cross_attention import find_names

NAMES = ['wall', 'floor', 'tree', 'sky']


def random_maps(strides=(16, 32), size=(96, 160), batch=2, names=4):
    generator = torch.Generator().manual_seed(0)
    return {
        stride: torch.rand(
            batch, names, -(-size[0] // stride), -(-size[1] // stride),
            generator=generator,
        ).softmax(1)
        for stride in strides
    }  # fmt: skip


def test_merge_keeps_probabilities():
    merged, stride = merge_attention_maps(random_maps())
    assert stride == 16 and merged.shape == (2, 4, 6, 10)
    torch.testing.assert_close(merged.sum(1), torch.ones(2, 6, 10))


def test_merge_is_the_mean():
    maps = {8: torch.full((1, 2, 4, 4), 0.25), 16: torch.full((1, 2, 2, 2), 0.75)}
    merged, _ = merge_attention_maps(maps)
    torch.testing.assert_close(merged, torch.full((1, 2, 4, 4), 0.5))


def test_merge_takes_the_asked_strides():
    maps = random_maps()
    merged, stride = merge_attention_maps(maps, strides=[32])
    assert stride == 32
    torch.testing.assert_close(merged, maps[32])


def test_merge_aligns_sizes_that_are_no_multiple_of_the_stride():
    """An edge at pixel 32 of a 72-wide image is at the same pixel in both maps."""
    fine, coarse = torch.zeros(1, 1, 1, 9), torch.zeros(1, 1, 1, 3)
    fine[..., 4:] = 1
    coarse[..., 1:] = 1
    merged, _ = merge_attention_maps({8: fine, 32: coarse})
    # Cells 0 and 1 lie left of the coarse edge's blur, cells 6 to 8 right of it.
    torch.testing.assert_close(merged[0, 0, 0, [0, 1]], torch.zeros(2))
    torch.testing.assert_close(merged[0, 0, 0, 6:], torch.ones(3))
    # The blurred edge is symmetric around the boundary of cells 3 and 4.
    torch.testing.assert_close(
        merged[0, 0, 0, 3] + merged[0, 0, 0, 4], torch.tensor(1.0)
    )


def test_merge_accepts_half_precision():
    maps = {16: torch.rand(1, 4, 2, 2, dtype=torch.bfloat16)}
    assert merge_attention_maps(maps)[0].dtype == torch.float32


def test_merge_errors():
    with pytest.raises(ValueError, match='captured no attention maps'):
        merge_attention_maps({})
    with pytest.raises(ValueError, match=r'strides \[8\]; choose from \[16, 32\]'):
        merge_attention_maps(random_maps(), strides=[8, 16])
    with pytest.raises(ValueError, match='do not cover'):
        merge_attention_maps({16: torch.zeros(1, 1, 8, 8), 32: torch.zeros(1, 1, 2, 2)})


def peaked_maps():
    """'tree' has the highest peak, 'wall' the highest mean."""
    maps = torch.zeros(4, 4, 4)
    maps[0] = 0.5
    maps[2, 0, 0] = 0.9
    maps[3, 0, 0] = 0.2
    return maps


def drawn_names(monkeypatch, **options):
    """Captions of the names that get a tile."""
    captions = []
    monkeypatch.setattr(
        'diffmm.visualization.cross_attention.draw_image_grid',
        lambda images, texts: captions.extend(texts) or np.zeros((1, 1, 3), np.uint8),
    )
    image = np.zeros((30, 25, 3), np.uint8)
    draw_cross_attention(image, peaked_maps(), 8, NAMES, **options)
    assert captions[0] == 'input'
    return captions[1:]


def test_ranking(monkeypatch):
    assert [text.splitlines()[0] for text in drawn_names(monkeypatch, top_k=2)] == [
        'tree',
        'wall',
    ]
    by_mean = drawn_names(monkeypatch, top_k=2, rank_by='mean')
    assert [text.splitlines()[0] for text in by_mean] == ['wall', 'tree']
    assert by_mean[1] == 'tree\npeak 0.90, mean 0.06'


def test_more_than_there_are(monkeypatch):
    assert len(drawn_names(monkeypatch, top_k=99)) == 4


def test_selected_names_keep_their_order(monkeypatch):
    texts = drawn_names(monkeypatch, selected=['sky', 'wall'])
    assert [text.splitlines()[0] for text in texts] == ['sky', 'wall']


def test_heat_is_where_the_attention_is():
    """A cell of stride 8 colors its own 8 x 8 pixels, also next to the edge."""
    image = np.zeros((30, 25, 3), np.uint8)
    maps = torch.zeros(1, 4, 4)
    maps[0, 1, 2] = 1.0
    grid = draw_cross_attention(image, maps, 8, ['tree'], alpha=1.0)
    tile = grid[-30:, 25:50].astype(int)
    # viridis ends in yellow: its green channel grows with the value.
    row, column = np.unravel_index(tile[..., 1].argmax(), (30, 25))
    assert 8 <= row < 16 and 16 <= column < 24


def test_draw_errors():
    image = np.zeros((32, 32, 3), np.uint8)
    with pytest.raises(ValueError, match=r'4 names need .* got \(3, 4, 4\)'):
        draw_cross_attention(image, torch.zeros(3, 4, 4), 8, NAMES)
    with pytest.raises(ValueError, match="got 'max'"):
        draw_cross_attention(image, peaked_maps(), 8, NAMES, rank_by='max')
    with pytest.raises(ValueError, match='check the stride'):
        draw_cross_attention(image, peaked_maps(), 4, NAMES)


def test_find_names():
    assert find_names(['sky', 'wall'], NAMES) == [3, 0]
    with pytest.raises(ValueError, match=r"'trea'; did you mean one of \['tree'\]"):
        find_names(['trea'], NAMES)
