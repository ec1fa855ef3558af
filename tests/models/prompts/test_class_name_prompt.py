import pytest
import torch
from mmengine.registry import MODELS
from mmseg.datasets import ADE20KDataset
from safetensors.torch import save_file

from diffmm.apis import get_backbone
from diffmm.diffusion import TextEncoder, WeightsError, load_tokenizer
from diffmm.models.prompts.templates import resolve_templates
from tests import tiny

WORDS = ['cat', 'traffic light', 'sky scraper']


@pytest.fixture(scope='module')
def encoder():
    torch.manual_seed(0)
    return TextEncoder(tiny.text_model(), 49407)


def build(**options):
    options = dict(width=tiny.WIDTH, classes=tiny.CLASSES) | options
    return MODELS.build(dict(type='ClassNamePrompt', **options))


def encoded(encoder, **options):
    prompt = build(**options)
    prompt.encode(lambda: encoder)
    return prompt


def pooler_output(encoder, texts):
    """What transformers' own tower and padding give."""
    ids = load_tokenizer()(texts, padding='max_length', return_tensors='pt').input_ids
    assert ids.shape == (len(texts), 77)
    with torch.no_grad():
        return encoder.model(input_ids=ids).pooler_output


def test_pooled_features_are_those_of_transformers(encoder):
    """VPD's template; an underscore stands for a space."""
    prompt = encoded(encoder)
    expected = pooler_output(encoder, [f'a photo of a {word}' for word in WORDS])
    torch.testing.assert_close(prompt.embeddings, expected)
    assert prompt.names == tuple(tiny.CLASSES)
    assert prompt(2).shape == (2, 3, tiny.WIDTH)


@pytest.mark.parametrize('template', ['{}', 'a {} at {night}', "it's 100% {}"])
def test_other_templates(encoder, template):
    prompt = encoded(encoder, template=template)
    expected = pooler_output(encoder, [template.replace('{}', word) for word in WORDS])
    torch.testing.assert_close(prompt.embeddings, expected)


def test_several_templates_are_averaged(encoder):
    prompt = encoded(encoder, classes=['cat', 'dog'], template='imagenet')
    templates = resolve_templates('imagenet')
    rows = [
        pooler_output(encoder, [template.format(word) for template in templates])
        for word in ('cat', 'dog')
    ]
    assert rows[0].shape[0] == 80
    expected = torch.stack([row.mean(0) for row in rows])
    torch.testing.assert_close(prompt.embeddings, expected)


def test_classes_of_a_data_set():
    prompt = build(classes=None, dataset='mmseg.ADE20KDataset')
    assert prompt.embeddings.shape == (150, tiny.WIDTH)
    assert prompt.names == tuple(ADE20KDataset.METAINFO['classes'])


@pytest.mark.parametrize('template', ['vpd', 'name', 'a {} in the fog.'])
def test_tokens_are_those_at_the_position_of_the_name(encoder, template):
    prompt = encoded(encoder, features='tokens', template=template)
    # One, two and three word pieces: sky, scra, per.
    assert prompt.embeddings.shape == (6, tiny.WIDTH)
    (sentence,) = resolve_templates(template)
    tokens = encoder([sentence.format(word) for word in WORDS]).tokens
    start = {'vpd': 5, 'name': 1}.get(template, 2)
    expected = torch.cat([row[start : start + 1 + i] for i, row in enumerate(tokens)])
    torch.testing.assert_close(prompt.embeddings, expected)


@pytest.mark.parametrize('template', ['vpd', 'imagenet'])
def test_every_name_of_ade20k_is_found_in_its_sentence(template):
    """The word pieces that are taken are the name's own, nothing else's."""

    class Echo:
        """Returns token ids in place of features."""

        words = ()

        def __call__(self, texts):
            rows = load_tokenizer()(texts, padding='max_length').input_ids
            tokens = torch.tensor(rows)[..., None].float()
            return type('Features', (), dict(tokens=tokens))

    prompt = build(
        classes=None,
        dataset='mmseg.ADE20KDataset',
        features='tokens',
        template=template,
        width=1,
    )
    prompt.encode(Echo)
    words = [name.replace('_', ' ') for name in prompt.names]
    ids = load_tokenizer()(words, add_special_tokens=False).input_ids
    assert prompt.embeddings.flatten().tolist() == [i for row in ids for i in row]


def test_maps_of_word_pieces_are_summed():
    prompt = build(features='tokens')
    maps = torch.rand(2, 6, 4, 6)
    pooled = prompt.pool_maps(maps)
    expected = torch.stack(
        [maps[:, 0], maps[:, 1] + maps[:, 2], maps[:, 3:].sum(1)], dim=1
    )
    torch.testing.assert_close(pooled, expected)


def test_pooled_maps_stay_as_they_are():
    maps = torch.rand(2, 3, 4, 6)
    assert torch.equal(build().pool_maps(maps), maps)


def write(path, embeddings):
    if path.suffix == '.safetensors':
        save_file({'class_embeddings': embeddings}, path)
    else:
        torch.save(embeddings, path)
    return str(path)


@pytest.mark.parametrize('name', ['class_embeddings.pth', 'names.safetensors'])
def test_embeddings_file_is_loaded_as_it_is(tmp_path, name):
    embeddings = torch.randn(3, tiny.WIDTH)
    prompt = build(embeddings=write(tmp_path / name, embeddings))
    prompt.encode(lambda: pytest.fail('the text encoder was built'))
    assert torch.equal(prompt.embeddings, embeddings)
    assert torch.equal(prompt(2)[1], embeddings)


def test_embeddings_file_without_pretrained_weights(tmp_path):
    embeddings = torch.randn(3, tiny.WIDTH)
    prompt = build(embeddings=write(tmp_path / 'x.pth', embeddings.half()))
    prompt.encode(None)
    assert prompt.embeddings.dtype == torch.float32
    assert torch.equal(prompt.embeddings, embeddings.half().float())


@pytest.mark.parametrize('shape', [(4, tiny.WIDTH), (3, 2 * tiny.WIDTH), (tiny.WIDTH,)])
def test_embeddings_of_another_data_set(tmp_path, shape):
    path = write(tmp_path / 'x.pth', torch.randn(shape))
    prompt = build(embeddings=path)
    with pytest.raises(WeightsError) as error:
        prompt.encode(None)
    for part in (path, str(shape), '3 classes', f'{tiny.WIDTH} wide', 'tools/encoders'):
        assert part in str(error.value)


def test_missing_embeddings_file(tmp_path):
    prompt = build(embeddings=str(tmp_path / 'none.pth'))
    with pytest.raises(WeightsError, match=r'none\.pth does not exist'):
        prompt.encode(None)


@pytest.mark.parametrize(
    'options, message',
    [
        (dict(features='all'), "features must be one of .*got 'all'"),
        (dict(template='vdp'), "unknown template set 'vdp'"),
        (dict(classes=None), 'no class names are known'),
        (dict(classes=None, dataset='NoSuchDataset'), "dataset='NoSuchDataset'"),
        (dict(features='tokens', embeddings='x.pth'), "embeddings='x.pth'.*'tokens'"),
        (dict(features='tokens', classes=['cat', '_']), "class name '_' has no word"),
    ],
    ids=str,
)
def test_bad_options_are_quoted(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_the_first_piece_of_every_name(encoder):
    prompt = encoded(encoder, features='first', template='name')
    expected = encoder(WORDS).tokens[:, 1]
    torch.testing.assert_close(prompt.embeddings, expected)
    assert prompt.names == tuple(tiny.CLASSES)


def test_a_sequence_begins_once_and_has_a_map_for_every_token(encoder):
    prompt = encoded(encoder, features='sequence', template='name')
    tokens = encoder(WORDS).tokens
    expected = torch.cat([tokens[0, :2], tokens[1, 1:3], tokens[2, 1:4]])
    torch.testing.assert_close(prompt.embeddings, expected)
    assert prompt.names == (
        *('begin', 'cat, piece 0', 'traffic light, piece 0', 'traffic light, piece 1'),
        *(f'sky_scraper, piece {i}' for i in range(3)),
    )
    maps = torch.rand(2, 7, 4, 6)
    assert torch.equal(prompt.pool_maps(maps), maps)


def test_a_sentence_of_all_names(encoder):
    prompt = encoded(encoder, features='sentence', template='name')
    expected = encoder(['cat traffic light sky scraper']).tokens[0]
    torch.testing.assert_close(prompt.embeddings, expected)
    assert len(prompt.names) == 77


LONG = ' '.join(['ball'] * 74)


@pytest.mark.parametrize('features', ['pooled', 'tokens', 'first', 'sequence'])
def test_a_name_that_is_cut_is_named(encoder, features, cut_warnings):
    prompt = encoded(encoder, features=features, classes=['cat', f'{LONG} old boat'])
    assert torch.isfinite(prompt.embeddings).all()
    (warning,) = cut_warnings
    assert "the class 'ball ball" in warning
    assert 'more than 77 tokens' in warning and "ball old boat' is cut" in warning


def test_a_cut_is_told_once_for_all_templates(encoder, cut_warnings):
    encoded(encoder, classes=['cat', LONG], template='imagenet')
    assert len(cut_warnings) == 1


def test_a_long_sentence_is_cut_with_a_warning(encoder, cut_warnings):
    encoded(encoder, features='sentence', dataset='mmseg.ADE20KDataset', classes=None)
    (warning,) = cut_warnings
    assert 'the text of all class names has more than 77 tokens' in warning


@pytest.mark.parametrize('features', ['pooled', 'tokens', 'first', 'sequence'])
@pytest.mark.parametrize(
    'names', [('a cat', 'A cat'), (f'{LONG} red', f'{LONG} blue')], ids=['case', 'cut']
)
def test_names_that_are_equal_to_the_encoder_are_refused(encoder, features, names):
    with pytest.raises(ValueError, match='have the same embedding') as error:
        encoded(encoder, features=features, classes=['dog', *names])
    assert all(repr(name) in str(error.value) for name in names)


def test_words_that_the_encoder_does_not_know_are_told():
    """`mini` knows the words of its world alone."""
    with pytest.warns(UserWarning, match="1 of 3 classes .*'building' and 'ceiling'"):
        get_backbone('mini', classes=['sky', 'building', 'ceiling'])


def test_the_first_piece_may_be_too_little(encoder):
    names = ['potted plant', 'potted flower']
    with pytest.raises(ValueError, match="'potted plant' and 'potted flower'"):
        encoded(encoder, features='first', classes=names)
    encoded(encoder, features='tokens', classes=names)
