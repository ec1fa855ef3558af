"""A backbone with so few layers that it is measured in a second."""

import pytest
from mmengine.registry import MODELS

import diffmm  # noqa: F401  registers the backbone
from diffmm.diffusion import load_architecture


@pytest.fixture(scope='session')
def build_backbone():
    """Return a function that builds a mini backbone with a random prompt."""

    mini = load_architecture('mini')
    arch = dict(
        unet={**mini.unet, 'layers_per_block': 1},
        vae=mini.vae,
        text_encoder=mini.text_encoder,
    )

    def build(**options):
        config = dict(
            type='StableDiffusionBackbone',
            arch=arch,
            prompt=dict(type='MetaPrompts', num_prompts=5),
            attention=dict(stages=('down', 'up'), max_size=32),
        )
        return MODELS.build({**config, **options})

    return build
