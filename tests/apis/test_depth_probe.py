from __future__ import annotations

import numpy as np
import pytest

import diffmm.apis.depth_probe as depth_probe
from diffmm.apis import DepthProbe
from diffmm.mini_world import Renderer, SceneSampler


def scenes(split, count):
    sampler, renderer = SceneSampler(0), Renderer(128)
    for index in range(count):
        rendered = renderer.render(sampler.sample(split, index))
        yield np.ascontiguousarray(rendered.image[..., ::-1]), rendered.depth


@pytest.fixture(scope='module')
def shipped():
    return DepthProbe.shipped()


def test_the_shipped_probe_knows_the_mini_world(shipped):
    errors = []
    for picture, depth in scenes('val', 6):
        known = depth > 0
        estimate = shipped(picture).depth
        errors.append((abs(estimate - depth) / np.maximum(depth, 1e-6))[known].mean())
    assert np.mean(errors) < 0.2


def test_any_size(shipped):
    picture = np.random.default_rng(0).integers(0, 256, (70, 260, 3), np.uint8)
    result = shipped(picture)
    assert result.depth.shape == (70, 260) and result.depth.dtype == np.float32
    near, far = shipped.tensors['range'].tolist()
    assert near <= result.depth.min() and result.depth.max() <= far * 1.0001


def test_a_probe_is_fitted_and_written(tmp_path):
    pairs = list(scenes('train', 3))
    probe = DepthProbe.fit(pairs, ridge=1e-4)
    picture, depth = pairs[0]
    known = depth > 0
    estimate = probe(picture).depth
    assert (abs(estimate - depth) / np.maximum(depth, 1e-6))[known].mean() < 0.1
    probe.save(tmp_path / 'new' / 'probe.safetensors')
    assert (tmp_path / 'new' / 'probe.safetensors').stat().st_size < 20_000


def test_an_installation_without_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(depth_probe, 'SHIPPED', tmp_path / 'none')
    with pytest.raises(FileNotFoundError, match='fit it with tools/fit_depth'):
        DepthProbe.shipped()
