from __future__ import annotations

import numpy as np
import pytest
import torch

import diffmm.apis.name_probe as name_probe
from diffmm.apis import NameProbe
from diffmm.mini_world import MINI_CLASSES, Renderer, SceneSampler
from diffmm.mini_world.classes import ADE20K_INDEX


def scenes(split, count, names=MINI_CLASSES):
    table = np.full(256, name_probe.IGNORED, np.uint8)
    for index, name in enumerate(names):
        table[ADE20K_INDEX[name]] = index
    sampler, renderer = SceneSampler(2000), Renderer(128)
    for index in range(count):
        rendered = renderer.render(sampler.sample(split, index))
        labels = table[rendered.ade20k_index]
        yield np.ascontiguousarray(rendered.image[..., ::-1]), labels


@pytest.fixture(scope='module')
def shipped():
    return NameProbe.shipped()


def test_names_find_their_things(shipped):
    """By chance a pixel has its own name in one of sixteen cases."""
    recalls = []
    for picture, labels in scenes('val', 6):
        found = shipped(picture, MINI_CLASSES).class_map
        recalls += [(found == n)[labels == n].mean() for n in np.unique(labels)]
    assert np.mean(recalls) > 0.5


def test_any_size_and_the_order_of_names_does_not_matter(shipped):
    picture = np.random.default_rng(0).integers(0, 256, (300, 70, 3), np.uint8)
    found = shipped(picture, MINI_CLASSES)
    assert found.class_map.shape == (300, 70) and len(found.palette) == 16
    assert sum(found.shares().values()) == pytest.approx(1)
    turned = shipped(picture, MINI_CLASSES[::-1])
    assert (15 - turned.class_map == found.class_map).mean() > 0.999


def test_what_cannot_be_divided(shipped):
    picture = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(ValueError, match=r"nothing to divide among \['tree'\]"):
        shipped(picture, ['tree'])
    with pytest.raises(ValueError, match="both 'tree'"):
        shipped(picture, ['tree', 'tree'])


def test_a_probe_is_fitted_and_written(tmp_path, monkeypatch):
    """On two scenes without the ground, which is then not among the names."""
    names = [name for name in MINI_CLASSES if name not in ('grass', 'floor')]
    pairs = list(scenes('train', 2, names))
    probe = NameProbe.fit(pairs, names, epochs=40)
    right = []
    for picture, labels in pairs:
        found = probe(picture, names).class_map
        right.append((found == labels)[labels != name_probe.IGNORED].mean())
    assert np.mean(right) > 0.7
    file = tmp_path / 'new' / 'probe.safetensors'
    probe.save(file)
    assert file.stat().st_size < 200_000
    monkeypatch.setattr(name_probe, 'SHIPPED', file)
    again = NameProbe.shipped()(picture, names)
    assert np.array_equal(again.class_map, found)


def test_two_names_at_least_are_asked():
    labels = torch.zeros(4, 4).byte().numpy()
    rng = np.random.default_rng(0)
    asked = [name_probe._choose(labels, 5, rng) for _ in range(30)]
    assert {len(each) for each in asked} == {2, 3, 4, 5}
    assert all(0 in each for each in asked)


def test_an_installation_without_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(name_probe, 'SHIPPED', tmp_path / 'none')
    with pytest.raises(FileNotFoundError, match='fit it with tools/fit_name'):
        NameProbe.shipped()
