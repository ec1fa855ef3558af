from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from diffmm.datasets.captioning import Captioner, CaptionerError
from tests.datasets.captioning.tiny_captioners import WORDS, WRITERS, write_llava


@pytest.fixture(scope='module', params=WRITERS)
def folder(request, tmp_path_factory):
    return WRITERS[request.param](tmp_path_factory.mktemp('model') / request.param)


@pytest.fixture(scope='module')
def pictures():
    rng = np.random.default_rng(0)
    shapes = ((40, 60), (32, 32), (90, 50))
    return [
        Image.fromarray(rng.integers(0, 255, (*shape, 3), np.uint8)) for shape in shapes
    ]


def test_words_for_every_picture(folder, pictures):
    captioner = Captioner(folder, min_new_tokens=3, max_new_tokens=5)
    captions = captioner(pictures)
    assert len(captions) == 3
    for caption in captions:
        assert caption == caption.strip()
        words = caption.replace(',', ' ,').split()
        assert all(word in WORDS or word[0] in '<[' for word in words)
    # The same alone as in a batch.
    assert captioner(pictures[2:]) == captions[2:]


def test_lengths_are_those_asked_for(folder, pictures):
    """Random weights end early or never: both bounds are needed."""
    counts = []
    for lengths in ((6, 6), (1, 2)):
        captioner = Captioner(folder, 'cpu', *lengths)
        inputs = captioner.processor(images=pictures, return_tensors='pt')
        with torch.inference_mode():
            tokens = captioner.model.generate(**inputs, **captioner.options)
        # Models with text from the outside begin with a start token or two.
        counts.append(tokens.shape[1])
    assert 4 <= counts[0] - counts[1] <= 5


@pytest.mark.parametrize('lengths', [(5, 4), (-1, 4), (0, 0)])
def test_lengths_that_cannot_be(lengths):
    with pytest.raises(ValueError, match=f'got {lengths[0]} and {lengths[1]}'):
        Captioner('mini-captioner', 'cpu', *lengths)


def test_no_model(tmp_path):
    with pytest.raises(CaptionerError, match="'no/such/model' cannot be loaded"):
        Captioner('no/such/model')
    for name in ('nope', 'mini-captoiner', 'C:/x/y', tmp_path / 'gone'):
        with pytest.raises(CaptionerError, match='it is no folder, no hub id'):
            Captioner(name)
    (tmp_path / 'config.json').write_text('{}')
    with pytest.raises(CaptionerError, match='cannot be loaded as an image-to-text'):
        Captioner(tmp_path)


def test_damaged_weights(tmp_path):
    folder = WRITERS['mini'](tmp_path)
    path = folder / 'model.safetensors'
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CaptionerError, match='cannot be loaded'):
        Captioner(folder)


def test_a_model_that_chats_is_asked(tmp_path, pictures, monkeypatch):
    """Its answers do not repeat the question."""
    folder = write_llava(tmp_path / 'llava')
    # Of the words that it has.
    monkeypatch.setattr('diffmm.datasets.captioning.captioner.QUESTION', 'the grass')
    captioner = Captioner(folder, 'cpu', 4, 4)
    assert captioner.chats
    prepared = captioner._prepare(pictures[:1])
    question = captioner.processor.batch_decode(prepared['input_ids'])[0]
    assert 'the grass' in question and question.count('<image>') == 4
    captions = captioner(pictures)
    assert [len(each.replace(',', ' ,').split()) <= 4 for each in captions] == [
        True
    ] * 3
    assert not any('USER' in each or 'ASSISTANT' in each for each in captions)
    assert captioner(pictures[2:]) == captions[2:]
