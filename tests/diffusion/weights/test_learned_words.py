import json

import pytest
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from mmengine.registry import MODELS
from safetensors.torch import save_file

from diffmm.diffusion import (
    TextEncoder,
    WeightsError,
    load_architecture,
    load_tokenizer,
)
from diffmm.diffusion.text_encoder import as_text_model
from diffmm.diffusion.weights import open_prior, read_words, write_word
from diffmm.models.prompts import text_prompt
from tests import tiny

ARCHITECTURE = load_architecture(tiny.ARCHITECTURE)
TEXT = 'a dark <night> photo of a cat in <rain> style'


def vectors(count=1, seed=0, width=tiny.WIDTH):
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tiny.write_folder(tmp_path_factory.mktemp('model') / 'tiny')


@pytest.fixture
def pipeline(folder):
    """Diffusers' own pipeline of the same text encoder."""
    encoder = open_prior(folder).text_encoder(ARCHITECTURE)
    return StableDiffusionPipeline(
        vae=None,
        text_encoder=as_text_model(encoder.model),
        tokenizer=load_tokenizer.__wrapped__(),
        unet=None,
        scheduler=DDIMScheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def context_of_diffusers(pipeline, text):
    context, _ = pipeline.encode_prompt(text, 'cpu', 1, False)
    return context


def test_words_of_several_files_open_here_and_in_diffusers(folder, pipeline, tmp_path):
    """One vector and three, a pickle and safetensors, one folder and one file."""
    night, rain = tmp_path / 'night', tmp_path / 'rain.safetensors'
    night.mkdir()
    torch.save({'<night>': vectors()[0]}, night / 'learned_embeds.bin')
    write_word('<rain>', vectors(3, seed=1), rain)
    encoder = open_prior(folder, learned_words=[night, rain]).text_encoder(ARCHITECTURE)
    assert encoder.words == ('<night>', '<rain>', '<rain>_1', '<rain>_2')
    pipeline.load_textual_inversion(night / 'learned_embeds.bin')
    pipeline.load_textual_inversion(rain)
    expected = context_of_diffusers(pipeline, TEXT)
    torch.testing.assert_close(encoder([TEXT]).tokens, expected)
    plain = open_prior(folder).text_encoder(ARCHITECTURE)
    assert not torch.allclose(plain([TEXT]).tokens, expected, atol=1e-2)


def test_a_folder_saved_after_inversion(folder, pipeline, tmp_path):
    """Its table has a row more, and its tokenizer names the word."""
    torch.save({'<night>': vectors()[0]}, tmp_path / 'learned_embeds.bin')
    pipeline.load_textual_inversion(tmp_path / 'learned_embeds.bin')
    saved = tmp_path / 'saved'
    pipeline.text_encoder.save_pretrained(saved / 'text_encoder')
    pipeline.tokenizer.save_pretrained(saved / 'tokenizer')
    for part in ('unet', 'vae'):
        (saved / part).symlink_to(folder / part)
    prompt = dict(type='TextPrompt', num_tokens=77)
    backbone = tiny.build_backbone(pretrained=str(saved), prompt=prompt)
    text = 'a dark <night> photo'
    expected = context_of_diffusers(pipeline, text)
    torch.testing.assert_close(backbone.prompt(1, [text]), expected)

    (saved / 'tokenizer').rename(tmp_path / 'elsewhere')
    with pytest.raises(WeightsError, match="1 more tokens than CLIP's 49408.*nothing"):
        open_prior(saved).text_encoder(ARCHITECTURE)


def test_a_checkpoint_carries_its_words(folder, tmp_path):
    write_word('<night>', vectors(), tmp_path / 'night.safetensors')
    prompt = dict(type='TextPrompt')
    trained = tiny.build_backbone(
        pretrained=str(folder),
        prompt=prompt,
        learned_words=tmp_path / 'night.safetensors',
    )
    text = ['a <night> photo']
    torch.save(trained.state_dict(), tmp_path / 'trained.pth')
    again = MODELS.build(tiny.backbone_config(prompt=prompt))
    again.load_state_dict(torch.load(tmp_path / 'trained.pth', weights_only=True))
    assert again.prompt.text_encoder.words == ('<night>',)
    torch.testing.assert_close(again.prompt(1, text), trained.prompt(1, text))


def test_class_names_may_use_words(folder, tmp_path):
    write_word('<night>', vectors(), tmp_path / 'night.safetensors')
    prompt = dict(
        type='ClassNamePrompt',
        classes=['cat', 'dog'],
        template='a <night> photo of a {}',
    )
    options = dict(pretrained=str(folder), prompt=prompt)
    with_word = tiny.build_backbone(
        learned_words=[tmp_path / 'night.safetensors'], **options
    )
    encoder = open_prior(
        folder, learned_words=[tmp_path / 'night.safetensors']
    ).text_encoder(ARCHITECTURE)
    expected = encoder(['a <night> photo of a cat', 'a <night> photo of a dog']).pooled
    torch.testing.assert_close(with_word.prompt.embeddings, expected)
    prompt |= dict(classes=['<night>', 'dog'], features='tokens')
    with pytest.raises(ValueError, match="'<night>' has a learned word.*'tokens'"):
        tiny.build_backbone(learned_words=[tmp_path / 'night.safetensors'], **options)


def test_unknown_words_are_told(folder, monkeypatch):
    messages = []
    monkeypatch.setattr(
        text_prompt, 'print_log', lambda message, *_, **__: messages.append(message)
    )
    backbone = tiny.build_backbone(
        pretrained=str(folder), prompt=dict(type='TextPrompt')
    )
    backbone.prompt(2, ['a <night> photo', 'a <night> picture'])
    (message,) = messages
    assert message.startswith("no learned word is named ['<night>']")


def test_the_form_of_the_web_ui(tmp_path):
    content = dict(string_to_param={'*': vectors(2)}, name='night-style', step=3000)
    torch.save(content, tmp_path / 'a.pt')
    words = read_words(tmp_path / 'a.pt')
    assert list(words) == ['night-style', 'night-style_1']
    assert torch.equal(words['night-style_1'], vectors(2)[1])


@pytest.mark.parametrize(
    'content, message',
    [
        ({'cat': vectors()[0]}, "'cat' is a token of the text encoder already"),
        ({'<a b>': vectors()[0]}, "one token without blanks, got '<a b>'"),
        ({'<night>': vectors(width=20)[0]}, r'\(20,\).*width 16: it was learned with'),
        ({'clip_l': vectors(), 'clip_g': vectors()}, 'XL'),
        ({'<night>': vectors()[None]}, r'got \(1, 1, 16\)'),
        ({'<night>': vectors() * float('nan')}, "'<night>' holds numbers that are not"),
    ],
)
def test_words_that_do_not_fit(folder, tmp_path, content, message):
    save_file(content, tmp_path / 'words.safetensors')
    source = None
    with pytest.raises(WeightsError, match=message):
        source = open_prior(folder, learned_words=[tmp_path / 'words.safetensors'])
        source.text_encoder(ARCHITECTURE)


def test_a_word_is_taught_once(folder, tmp_path):
    path = tmp_path / 'words.safetensors'
    write_word('<night>', vectors(), path)
    source = open_prior(folder, learned_words=[path, path])
    with pytest.raises(WeightsError, match="words.safetensors.*'<night>' is a token"):
        source.text_encoder(ARCHITECTURE)


def test_files_without_words(tmp_path):
    (tmp_path / 'words.json').write_text(json.dumps({}))
    torch.save(vectors()[0], tmp_path / 'bare.bin')
    for path, message in (
        (tmp_path, 'has no learned_embeds'),
        (tmp_path / 'missing.bin', 'does not exist'),
        (tmp_path / 'bare.bin', r'tensor of shape \(16,\) without a word'),
    ):
        with pytest.raises(WeightsError, match=message):
            read_words(path)


def test_an_encoder_without_words_has_the_parameters_of_before():
    names = TextEncoder.build(tiny.TEXT_ENCODER).state_dict()
    assert not [name for name in names if 'word' in name]
    assert 'model.embeddings.token_embedding.weight' in names
