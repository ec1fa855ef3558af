from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from diffmm.datasets.captioning import (
    Captioner,
    CaptionerSettings,
    generate_captions,
    read_captions,
)
from diffmm.datasets.captioning.workers import describe
from tests.datasets.captioning.tiny_captioners import write_mini


@pytest.fixture(scope='module')
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp('pictures')
    rng = np.random.default_rng(0)
    paths = [folder / f'{number}.png' for number in range(7)]
    for path in paths:
        pixels = rng.integers(0, 255, (30, 40, 3), np.uint8)
        Image.fromarray(pixels).save(path)
    return paths


@pytest.fixture(scope='module')
def settings(tmp_path_factory):
    model = write_mini(tmp_path_factory.mktemp('model'))
    return CaptionerSettings(str(model), 2, 6)


def test_batches_come_back_with_what_went_wrong(pictures, settings, tmp_path):
    broken = tmp_path / 'broken.png'
    broken.write_text('no picture')
    batches = [[('a', pictures[0]), ('b', broken)], [('c', broken)]]
    first, second = describe(batches, settings, 1, 'cpu')
    captioner = Captioner(settings.model, 'cpu', 2, 6)
    with Image.open(pictures[0]) as image:
        assert first[0] == {'a': captioner([image.convert('RGB')])[0]}
    assert second[0] == {}
    for _, (problem,) in (first, second):
        assert problem.startswith(f'{broken} cannot be read as a picture')


@pytest.mark.slow
def test_two_processes_write_the_same_as_one(pictures, settings, tmp_path):
    for processes in (1, 2):
        out = tmp_path / f'{processes}.json'
        generate_captions(pictures, out, settings, batch_size=2, processes=processes)
    one, two = (read_captions(tmp_path / f'{n}.json') for n in (1, 2))
    assert one == two and len(one) == 7
