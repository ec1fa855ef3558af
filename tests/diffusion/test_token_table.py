"""CLIP's table with learned words behind its tokens."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from diffmm.diffusion.token_table import TokenTable, extend_table
from diffmm.diffusion.tokenizer import load_tokenizer

TOKENS = len(load_tokenizer())


@pytest.fixture
def table():
    return TokenTable(nn.Embedding(TOKENS, 2))


def test_words_follow_the_tokens_in_order(table):
    plain = table(torch.tensor([0, TOKENS - 1]))
    table.add({'<dusk>': torch.tensor([1.0, 2.0])})
    table.add({'<fog>': torch.tensor([3.0, 4.0]), '<rain>': torch.tensor([5.0, 6.0])})
    assert table.words == ('<dusk>', '<fog>', '<rain>')
    ids = torch.tensor([[0, TOKENS + 2], [TOKENS, TOKENS - 1]])
    found = table(ids)
    assert torch.equal(found[0, 1], torch.tensor([5.0, 6.0]))
    assert torch.equal(found[1, 0], torch.tensor([1.0, 2.0]))
    assert torch.equal(torch.stack([found[0, 0], found[1, 1]]), plain)


def test_a_checkpoint_carries_the_words(table):
    table.add({'<dusk>': torch.tensor([1.0, 2.0])})
    other = TokenTable(nn.Embedding(TOKENS, 2))
    other.load_state_dict(table.state_dict())
    assert other.words == ('<dusk>',)
    ids = torch.tensor([7, TOKENS])
    assert torch.equal(other(ids), table(ids))


def test_without_words_it_has_the_entries_of_a_plain_table(table):
    table.add({})
    assert list(table.state_dict()) == ['weight']


def test_the_parameter_of_a_tower_stays():
    embedding = nn.Embedding(TOKENS, 2)
    tower = SimpleNamespace(embeddings=SimpleNamespace(token_embedding=embedding))
    table = extend_table(tower)
    assert table.weight is embedding.weight
    assert extend_table(tower) is table is tower.embeddings.token_embedding


@pytest.mark.parametrize(
    'word, width, message',
    [
        ('', 2, "one token without blanks, got ''"),
        ('two words', 2, 'without blanks'),
        ('dog', 2, "'dog' is a token of the text encoder already"),
        ('Dog', 2, 'is a token of the text encoder already'),
        (
            '<dusk>',
            3,
            r'of shape \(3,\), but this text encoder has embeddings of width 2',
        ),
    ],
)
def test_words_that_cannot_be_added(table, word, width, message):
    with pytest.raises(ValueError, match=message):
        table.add({word: torch.zeros(width)})
    assert table.words == ()


def test_a_word_is_added_once(table):
    table.add({'<dusk>': torch.zeros(2)})
    with pytest.raises(ValueError, match='<dusk>'):
        table.add({'<dusk>': torch.ones(2)})
