from __future__ import annotations

import pytest
import torch
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement
from transformers import AutoModelForImageTextToText, AutoProcessor

from tests.datasets.captioning.tiny_captioners import MINI, SIZE


def build(**options):
    torch.manual_seed(0)
    return MODELS.build(MINI | options)


def samples(*captions):
    return [BaseDataElement(metainfo=dict(captions=[text])) for text in captions]


def test_it_learns_which_picture_is_which():
    model = build().train()
    images = torch.stack([torch.full((3, SIZE, SIZE), v) for v in (-1.0, 1.0)])
    texts = ['a car on the grass', 'a tree, a car and the sky']
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
    for _ in range(120):
        loss = model(images, samples(*texts), mode='loss')['loss_words']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1
    model.eval()
    written = model(images, samples(*texts), mode='predict')
    assert [each['caption'] for each in written] == texts


def test_the_folder_is_transformers_own(tmp_path):
    model = build().eval()
    model.save_pretrained(tmp_path)
    processor = AutoProcessor.from_pretrained(tmp_path)
    loaded = AutoModelForImageTextToText.from_pretrained(tmp_path)
    assert next(iter(loaded.parameters())).dtype == torch.float16
    image = torch.randint(0, 256, (50, 70, 3), dtype=torch.uint8).numpy()
    inputs = processor(images=[image], return_tensors='pt').pixel_values
    assert inputs.shape == (1, 3, SIZE, SIZE)
    assert inputs.min() >= -1 and inputs.max() <= 1
    tokens = loaded.float().eval().generate(pixel_values=inputs)
    text = processor.batch_decode(tokens, skip_special_tokens=True)
    assert text == model.write(inputs)
    assert len(text[0].split()) <= MINI['max_new_tokens']


def test_padding_teaches_nothing():
    model = build().eval()
    images = torch.rand(2, 3, SIZE, SIZE)
    images += images.flip(-1)  # The same if mirrored.
    texts = ['a car', 'a tree, a car and the sky on the grass']
    with torch.no_grad():
        both = model.loss(images, texts)['loss_words']
        alone = [
            model.loss(images[i : i + 1], texts[i : i + 1])['loss_words']
            for i in range(2)
        ]
    # Words and the end: 3 and 12 tokens.
    torch.testing.assert_close(both, (3 * alone[0] + 12 * alone[1]) / 15)


def test_half_of_the_pictures_are_mirrored():
    images = torch.rand(400, 3, 4, 4)
    seen = build()._augment(images)
    kept = (seen == images).flatten(1).all(1)
    mirrored = (seen == images.flip(-1)).flatten(1).all(1)
    assert (kept ^ mirrored).all()
    assert 0.4 < kept.float().mean() < 0.6


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"must be different, got \['a'\] twice"):
        build(words=['a', 'b', 'a'])
    with pytest.raises(ValueError, match="'loss' or 'predict', got 'tensor'"):
        build()(torch.zeros(1, 3, SIZE, SIZE), samples('a'), mode='tensor')
