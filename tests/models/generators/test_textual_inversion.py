import pytest
import torch
from diffusers import StableDiffusionPipeline
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement

from diffmm.diffusion import WeightsError, load_architecture, load_tokenizer
from diffmm.diffusion.weights import open_prior
from tests import tiny

TEXT = 'a cat in the style of <dusk>'
LATENTS = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tiny.write_folder(tmp_path_factory.mktemp('model') / 'tiny')


def build(folder=None, **options):
    torch.manual_seed(0)
    config = dict(
        type='TextualInversion',
        arch=tiny.ARCHITECTURE,
        pretrained=folder,
        word='<dusk>',
        initializer='night',
    )
    model = MODELS.build(config | options)
    with tiny.quiet():
        model.init_weights()
    return model


def loss(model):
    torch.manual_seed(1)
    samples = [BaseDataElement(metainfo=dict(captions=[TEXT]))] * 2
    return model(LATENTS, samples, mode='loss')['loss_noise']


def test_only_the_word_learns_and_it_learns(folder):
    model = build(folder, num_vectors=2, visible_padding_share=1.0).train()
    (before,) = (p.clone() for p in model.parameters() if p.requires_grad)
    assert before.shape == (2, tiny.WIDTH) and not model.unet.training
    night = load_tokenizer()('night', add_special_tokens=False).input_ids[0]
    assert torch.equal(before[1], model.text.table.weight[night])
    frozen = {n: p.clone() for n, p in model.named_parameters() if not p.requires_grad}
    optimizer = torch.optim.Adam([model.vectors], 0.01)
    losses = []
    for _ in range(10):
        losses.append(loss(model))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < losses[0]
    assert (model.vectors - before).abs().amax(1).min() > 0.01
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None or not parameter.requires_grad
        assert name not in frozen or torch.equal(parameter, frozen[name])


def test_the_word_opens_in_diffusers_and_in_a_backbone(folder, tmp_path):
    model = build(folder, num_vectors=2)
    torch.nn.init.normal_(model.vectors)
    path = model.write_result(tmp_path / 'dusk')
    assert path.name == 'learned_embeds.safetensors'
    context, _ = model.text([model.captions.draw([TEXT])])
    encoder = open_prior(folder, learned_words=[path.parent]).text_encoder(
        load_architecture(tiny.ARCHITECTURE)
    )
    torch.testing.assert_close(encoder([TEXT]).tokens, context.detach())
    plain = build(folder, word='<other>').build_pipeline()
    pipeline = StableDiffusionPipeline(
        **plain.components | dict(tokenizer=load_tokenizer.__wrapped__()),
        requires_safety_checker=False,
    )
    plain.text_encoder.get_input_embeddings().words = ()
    pipeline.load_textual_inversion(path)
    theirs, _ = pipeline.encode_prompt(TEXT, 'cpu', 1, False)
    torch.testing.assert_close(theirs, context.detach())


def test_pictures_are_drawn_with_the_word(folder):
    model = build(folder)
    options = dict(steps=2, size=64)
    before = model.generate([TEXT], **options)
    torch.nn.init.normal_(model.vectors, std=3.0)
    assert not torch.equal(model.generate([TEXT], **options), before)


def test_a_killed_training_goes_on_with_its_word(folder):
    model = build(folder)
    torch.nn.init.normal_(model.vectors)
    again = build(folder)
    again.load_state_dict(model.state_dict())
    assert torch.equal(again.vectors, model.vectors)
    assert isinstance(again.vectors, torch.nn.Parameter)


@pytest.mark.parametrize(
    'options, message',
    [
        (dict(word='night'), "'night' is a token of the text encoder already"),
        (dict(initializer='unfamiliarity of'), "one token, got 'unfamiliarity of' of"),
        (dict(num_vectors=0), 'num_vectors must be at least 1, got 0'),
    ],
)
def test_words_that_cannot_be_learned(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_an_initializer_that_the_model_never_saw(folder):
    with pytest.raises(WeightsError, match="mini never saw the initializer 'zebra'"):
        build('mini', initializer='zebra', arch='mini')


def test_a_picture_whose_captions_lack_the_word(folder):
    model = build(folder)
    with pytest.raises(ValueError, match=r"name the word '<dusk>', got \['a cat'\]"):
        model.loss(LATENTS, [[TEXT, 'a cat'], ['a cat']])
