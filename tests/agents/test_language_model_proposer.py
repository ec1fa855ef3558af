from __future__ import annotations

import time

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from diffmm.agents import (
    EndpointProposer,
    FallbackProposer,
    LocalProposer,
    ProposerError,
    RuleProposer,
)
from diffmm.utils.chat_endpoint import ChatEndpoint
from tests.chat_server import chat_server

CAPTION = 'a ball, a box and a tree on the grass'


def test_an_endpoint_proposes():
    with chat_server('["the box", "the red ball", "a tree", "a cup"]') as server:
        proposer = EndpointProposer(ChatEndpoint(server.url, 'gpt-4o'))
        proposal = proposer('the red ball', CAPTION, 2)
    assert proposal.confusers == ('the box', 'a tree')
    assert proposal.source.startswith('gpt-4o at http://127.0.0.1')
    assert proposal.notes == ("'the red ball' names the target itself",)
    ((_, _, body),) = server.requests
    assert 'up to 2 other things' in body['messages'][0]['content']
    assert CAPTION in body['messages'][1]['content']
    assert 'the red ball' in body['messages'][1]['content']


@pytest.mark.parametrize(
    ('answer', 'options', 'note'),
    [
        ('the red ball', {}, 'named nothing usable'),
        ('', {}, 'named nothing usable'),
        ('%$ 27 ???\n\n;;', {}, 'named nothing usable'),
        ('sorry', dict(status=503), 'HTTP status 503'),
        (b'nonsense', {}, 'Expecting value'),
        ('the box', dict(drip=0.2), 'no answer within 0.3 seconds'),
    ],
)
def test_rules_take_the_place_of_an_endpoint_that_fails(answer, options, note):
    with chat_server(answer, **options) as server:
        endpoint = ChatEndpoint(server.url, 'm', timeout=0.3 if options else 5)
        proposer = FallbackProposer(EndpointProposer(endpoint), RuleProposer())
        start = time.monotonic()
        proposal = proposer('the red ball', CAPTION, 3)
        assert time.monotonic() - start < 2
    assert proposal.confusers == ('the box', 'the tree', 'the grass')
    assert proposal.source == 'rules'
    assert any(
        note in each and 'rules took its place' in each for each in proposal.notes
    )


def test_nobody_there():
    proposer = EndpointProposer(ChatEndpoint('http://127.0.0.1:9/v1', 'm'))
    with pytest.raises(ProposerError, match='refused'):
        proposer('the red ball', CAPTION, 3)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A tiny GPT-2 with random weights, which writes garbage."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp('models') / 'tiny-gpt'
    words = ('<end>', '<unk>', '%', '&', '27', '#')
    tokenizer = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(words)}, unk_token='<unk>')
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token='<end>', unk_token='<unk>'
    ).save_pretrained(folder)
    config = GPT2Config(
        vocab_size=len(words),
        n_embd=8,
        n_layer=1,
        n_head=2,
        bos_token_id=0,
        eos_token_id=0,
    )
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def test_a_local_model_is_asked_and_rules_mend_its_garbage(folder):
    proposer = LocalProposer(folder)
    assert proposer.source == 'tiny-gpt'
    alone = proposer('the red ball', CAPTION, 3)
    assert alone.confusers == () and alone.notes
    mended = FallbackProposer(proposer, RuleProposer())('the red ball', CAPTION, 3)
    assert mended.confusers and mended.source == 'rules'
    # Gemma's and Mistral's templates refuse the role of a system.
    proposer.tokenizer.chat_template = (
        "{% for message in messages %}{% if message.role == 'system' %}"
        "{{ raise_exception('no such role') }}{% endif %}"
        '{{ message.content }} {% endfor %}'
    )
    asked = proposer('the red ball', CAPTION, 3)
    assert asked.confusers == () and asked.notes != alone.notes


def test_a_local_model_that_understands(folder, monkeypatch):
    proposer = LocalProposer(folder)
    monkeypatch.setattr(
        type(proposer.tokenizer), 'decode', lambda *_, **__: '"the box", "a tree"]'
    )
    assert proposer('the red ball', CAPTION, 3).confusers == ('the box', 'a tree')


def test_no_model(tmp_path):
    with pytest.raises(ValueError, match='cannot be loaded as a language model'):
        LocalProposer(tmp_path / 'none')
