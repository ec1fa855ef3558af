"""The weights that come with the package: complete, usable and meaningful."""

import json
import shutil

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline

from diffmm.diffusion import WeightsError, load_architecture, open_prior
from diffmm.diffusion.weights import shipped_folder
from diffmm.evaluation.word_grounding import WordGrounding, score_maps
from diffmm.mini_world import MINI_CLASSES, Renderer, SceneSampler, write_captions
from diffmm.mini_world.classes import ADE20K_INDEX

FOLDER = shipped_folder('mini')
# Other scenes than those of pre-training (seed 1000) and of its figures (2000).
SEED, SCENES = 3000, 24
MAX_BYTES = 40e6


def test_it_is_small_and_complete():
    files = [path for path in FOLDER.rglob('*') if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= MAX_BYTES
    index = json.loads((FOLDER / 'model_index.json').read_text())
    parts = {'unet', 'vae', 'text_encoder', 'tokenizer', 'scheduler'}
    assert parts <= set(index)
    assert parts == {path.name for path in FOLDER.iterdir() if path.is_dir()}


def test_diffusers_draws_with_it_unchanged():
    pipeline = StableDiffusionPipeline.from_pretrained(FOLDER)
    pipeline.set_progress_bar_config(disable=True)
    images = pipeline(
        ['a red car on the grass under a sky'] * 2,
        num_inference_steps=10,
        guidance_scale=3.0,
        height=128,
        width=128,
        generator=torch.Generator().manual_seed(0),
        output_type='np',
    ).images
    assert images.shape == (2, 128, 128, 3)
    # The sky above is blue and the grass below green.
    above, below = images[:, :32].mean((0, 1, 2)), images[:, -24:].mean((0, 1, 2))
    assert above.argmax() == 2
    assert below.argmax() == 1


def test_its_parts_fit_the_architecture_of_that_name():
    architecture = load_architecture('mini')
    encoder = open_prior('mini').text_encoder(architecture)
    assert encoder(['a tree']).pooled.shape == (1, architecture.context_width)


@pytest.fixture(scope='module')
def groundings():
    """The UNet as it comes, and one with random weights."""
    architecture = load_architecture('mini')
    seeds = {'pre-trained': None, 'random': 0}
    return {
        name: WordGrounding(FOLDER, architecture, timestep=50, random_unet=seed)
        for name, seed in seeds.items()
    }


@pytest.fixture(scope='module')
def scenes(groundings):
    """Caption, masks and latents of every scene; only the UNets differ."""
    sampler, renderer = SceneSampler(SEED), Renderer(128)
    examined = []
    for index in range(SCENES):
        scene = sampler.sample('val', index)
        rendered = renderer.render(scene)
        masks = {
            name: rendered.ade20k_index == ADE20K_INDEX[name]
            for name in MINI_CLASSES
            if (rendered.ade20k_index == ADE20K_INDEX[name]).sum() >= 80
        }
        latents = groundings['random'].latents(rendered.image)
        examined.append((write_captions(scene)[0], masks, latents))
    return examined


@pytest.mark.parametrize('context', ['captions', 'class names'])
def test_the_word_finds_the_thing(context, groundings, scenes):
    """Near chance with a random UNet, and with the map of another noun."""
    means = {}
    for unet, grounding in groundings.items():
        scores = []
        for caption, masks, latents in scenes:
            if context == 'captions':
                maps = grounding.caption_maps(latents, caption, MINI_CLASSES)
            else:
                maps = grounding.class_maps(latents, MINI_CLASSES)
            scores += score_maps(maps, masks)
        means[unet] = np.mean([own for _, own, _ in scores])
        means[f'{unet}, other'] = np.mean([o for _, _, o in scores if o is not None])
    assert means['pre-trained'] > 0.75
    assert means['pre-trained'] > means['pre-trained, other'] + 0.2
    assert abs(means['random'] - 0.5) < 0.1


@pytest.mark.parametrize('part', ['unet', 'vae', 'text_encoder'])
def test_a_copy_without_a_part_is_one_clear_error(part, tmp_path):
    copy = shutil.copytree(FOLDER, tmp_path / 'copy')
    shutil.rmtree(copy / part)
    source = open_prior(copy)
    with pytest.raises(WeightsError, match=part):
        source.state_dict(part, load_architecture('mini'))
