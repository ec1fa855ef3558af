"""The captioner that comes with the package: small, complete, and it names objects."""

from __future__ import annotations

import pytest
from PIL import Image
from transformers import VisionEncoderDecoderModel

from diffmm.datasets.captioning import (
    Captioner,
    CaptionerError,
    captioner,
    shipped_captioner,
)
from diffmm.evaluation.caption_nouns import CaptionNouns, score
from diffmm.mini_world import OBJECT_CLASSES, Renderer, SceneSampler

# Other scenes than those of its training (seed 4000) and of its figures (5000).
SEED, SCENES = 7000, 60
MAX_BYTES = 8e6


def test_an_installation_without_it(tmp_path, monkeypatch):
    monkeypatch.setattr(captioner, '_SHIPPED_FOLDER', tmp_path)
    with pytest.raises(CaptionerError, match='installation has none at .*train it as'):
        Captioner()


def test_it_is_small_and_transformers_own():
    size = sum(path.stat().st_size for path in shipped_captioner().iterdir())
    assert size <= MAX_BYTES
    assert isinstance(Captioner().model, VisionEncoderDecoderModel)


def test_it_names_what_is_there():
    sampler, renderer = SceneSampler(SEED), Renderer(128)
    scenes = [sampler.sample('val', index) for index in range(SCENES)]
    pictures = [Image.fromarray(renderer.render(scene).image) for scene in scenes]
    find = CaptionNouns(tuple(OBJECT_CLASSES)).find
    present = [{item.name for item in scene.objects} for scene in scenes]
    named = [find(caption) for caption in Captioner()(pictures)]
    precision, recall = score(zip(present, named, strict=True))
    # Blind lists reach 0.45 and 0.65, see `caption_nouns.py`.
    assert precision > 0.75 and recall > 0.65
