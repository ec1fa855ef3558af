import pytest
import torch
from mmengine.registry import MODELS, init_default_scope

from diffmm.diffusion import TextEncoder
from tests import tiny

SCENES = ['kitchen', 'home_office', 'bathroom']


def build(**options):
    options.setdefault('classes', SCENES)
    return MODELS.build(dict(type='SceneNamePrompt', width=tiny.WIDTH, **options))


def test_an_image_has_the_one_token_of_its_scene():
    prompt = build()
    context = prompt(2, ['bathroom', 'kitchen'])
    assert context.shape == (2, 1, tiny.WIDTH)
    assert torch.equal(context[:, 0], prompt.embeddings[[2, 0]])
    assert prompt.names == ('scene',)
    assert prompt.classes == tuple(SCENES)


def test_a_scene_is_the_mean_of_the_80_imagenet_templates():
    encoder = TextEncoder(tiny.text_model(), 49407)
    prompt = build()
    prompt.encode(lambda: encoder)
    from open_clip import OPENAI_IMAGENET_TEMPLATES

    sentences = [template('home office') for template in OPENAI_IMAGENET_TEMPLATES]
    expected = encoder(sentences).pooled.mean(0)
    torch.testing.assert_close(prompt(1, ['home_office'])[0, 0], expected)


def test_an_unknown_scene_is_an_error_or_the_mean():
    with pytest.raises(ValueError, match=r"'cave' is none of the 3.*kitchen"):
        build()(1, ['cave'])
    prompt = build(unknown='mean')
    expected = prompt.embeddings.mean(0)
    torch.testing.assert_close(prompt(1, ['cave'])[0, 0], expected)
    torch.testing.assert_close(prompt(2)[:, 0], expected.expand(2, -1))
    with pytest.raises(ValueError, match="'guess'"):
        build(unknown='guess')


def test_the_numbers_of_mmsegmentation_are_understood():
    names = build().scenes_of(torch.tensor([1, -1]))
    assert names[0] == 'home_office'
    assert names[1] not in SCENES


def test_the_scenes_of_nyu_are_known():
    init_default_scope('mmseg')
    prompt = build(classes=None, dataset='NYUDataset')
    assert len(prompt.classes) == 27
    assert prompt.classes[0] == 'printer_room'


def test_the_adapter_refines_and_texts_are_required():
    prompt = build(adapter=dict(type='TextAdapter', gamma=0.5))
    context = prompt(1, ['kitchen'])
    assert not torch.equal(context[0], prompt.embeddings[:1])
    context.sum().backward()
    assert prompt.adapter.gamma.grad is not None
    with pytest.raises(RuntimeError, match='needs the text of every image'):
        prompt(1)
    assert prompt(2, prompt.example_texts(2)).shape == (2, 1, tiny.WIDTH)
