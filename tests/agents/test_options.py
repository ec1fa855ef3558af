from __future__ import annotations

import argparse

import pytest

from diffmm.agents.options import add_proposer_options, build_proposer
from tests.chat_server import chat_server

CAPTION = 'a ball, a box and a tree on the grass'


def parse(*argv):
    parser = argparse.ArgumentParser()
    parser.add_argument('--device', default='cpu')
    add_proposer_options(parser)
    return parser.parse_args(argv)


def test_rules_propose_by_default():
    assert build_proposer(parse())('the red ball', CAPTION, 2).source == 'rules'


def test_an_endpoint_is_asked_with_the_key_of_the_variable(monkeypatch):
    monkeypatch.setenv('MY_KEY', 'secret')
    with chat_server('["the box"]') as server:
        options = ['--endpoint', server.url, '--endpoint-model', 'm']
        propose = build_proposer(parse(*options, '--key-variable', 'MY_KEY'))
        proposal = propose('the red ball', CAPTION, 2)
    assert proposal.confusers == ('the box',) and proposal.source.startswith('m at')
    ((_, key, body),) = server.requests
    assert key == 'Bearer secret' and body['model'] == 'm'
    # Rules take the place of an endpoint that is gone.
    assert propose('the red ball', CAPTION, 2).source == 'rules'


def test_two_proposers():
    options = parse('--endpoint', 'http://localhost', '--language-model', 'gpt2')
    with pytest.raises(ValueError, match='are two proposers; give one'):
        build_proposer(options)
