import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import MODELS
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from diffmm.diffusion import TextEncoder, WeightsError, open_prior
from diffmm.models.heads.class_texts import ClassTexts
from tests import tiny

NAMES = ['cat', 'dog']


def texts(names=NAMES, **options):
    options = dict(num_classes=2, classes=names, arch=tiny.ARCHITECTURE) | options
    return ClassTexts(**options)


@pytest.fixture(scope='module')
def encoder():
    return TextEncoder(tiny.text_model(), 49407)


def write_clip(folder, width):
    config = CLIPTextConfig(**tiny.TEXT_ENCODER | dict(projection_dim=width))
    clip = CLIPTextModelWithProjection(config)
    clip.save_pretrained(folder)
    return clip.text_projection.weight.detach()


def test_features_are_means_over_templates(encoder, tmp_path):
    templates = ['a photo of a {}', 'a {}']
    each = [
        encoder([f'a photo of a {name}', f'a {name}']).pooled.mean(0) for name in NAMES
    ]
    expected = F.normalize(torch.stack(each), dim=1)
    found = texts(template=templates).encode(encoder)
    torch.testing.assert_close(found, expected)
    (tmp_path / 'cname_cid.txt').write_text('cat 0\ndog 1\n')
    file = str(tmp_path / 'cname_cid.txt')
    other = texts(None, template=templates, class_file=file)
    assert torch.equal(other.encode(encoder), found)


def test_a_word_may_stand_for_two_classes(encoder):
    """As in ADE20K with 847 classes; the other words tell them apart."""
    found = texts(['building, house', 'house, hut'], template='{}').encode(encoder)
    words = encoder(['building', 'house', 'hut']).pooled
    expected = torch.stack([words[:2].mean(0), words[1:].mean(0)])
    torch.testing.assert_close(found, F.normalize(expected, dim=1))


def test_a_class_file_is_read_when_it_is_needed(tmp_path):
    file = tmp_path / '类.txt'
    later = texts(None, class_file=file)
    assert not later.are_known
    with pytest.raises(FileNotFoundError, match=r'类\.txt'):
        later.names  # noqa: B018 - it reads
    file.write_text('猫\n犬\n', encoding='utf-8')
    assert later.are_known and later.names == ('猫', '犬')
    file.unlink()
    assert later.are_known and later.digest() == texts(['猫', '犬']).digest()


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('cat 0\n', 'has 1 classes, not 2'),
        ('cat\nCat\n', r"names\.txt repeats a name: .* both 'Cat'"),
        ('', 'has 0 classes, not 2'),
    ],
)
def test_a_class_file_of_other_classes_is_refused(tmp_path, content, message):
    (tmp_path / 'names.txt').write_text(content)
    with pytest.raises(ValueError, match=message):
        texts(None, class_file=tmp_path / 'names.txt').digest()


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(classes=None), r'classes=None, class_file=None and dataset=None'),
        (dict(class_file='a'), r"classes=\['cat', 'dog'\], class_file='a' and dat"),
        (dict(dataset='ADE'), "class_file=None and dataset='ADE'"),
        (dict(num_classes=3), 'num_classes=3, but there are 2 classes'),
        (dict(classes=[], num_classes=0), r'non-empty list of names, got \[\]'),
        (dict(classes=['cat', ' ']), "names such as .tree., got ' '"),
        (dict(classes=['a tree', 'A_Tree']), "classes repeats a name.*'A_Tree'"),
    ],
)
def test_names_that_are_none_are_quoted(options, message):
    with pytest.raises(ValueError, match=message):
        texts(**options)


def test_other_names_keep_all_else(encoder):
    first = texts(template=['{}', 'a {}'])
    other = first.with_names(['sky', 'sea', 'sand'])
    assert other.names == ('sky', 'sea', 'sand') and other.num_classes == 3
    again = other.with_names(NAMES)
    assert torch.equal(again.encode(encoder), first.encode(encoder))
    for names, message in (
        (['sky'], r"nothing to tell apart: classes=\['sky'\]"),
        (['sky', 'Sky'], "classes 0 and 1 are both 'Sky'"),
        ('sky', "list of names, got 'sky'"),
    ):
        with pytest.raises(ValueError, match=message):
            first.with_names(names)


def test_the_digest_tells_features_apart():
    """A head keeps it as a tensor of 64 bits."""
    others = [
        texts(),
        texts(['dog', 'cat']),
        texts(['cat dog', 'x']),
        texts(template='{}'),
        texts(template=['{}', 'a photo of a {}']),
        texts(projection='openai/clip'),
    ]
    numbers = [each.digest() for each in others]
    assert len(set(numbers)) == len(others)
    assert torch.tensor(numbers).tolist() == numbers
    assert texts().digest() == numbers[0] == others[1].with_names(NAMES).digest()


def test_projection_comes_from_a_folder_of_clip(encoder, tmp_path):
    weight = write_clip(tmp_path, tiny.WIDTH)
    found = texts(template='{}', projection=str(tmp_path)).encode(encoder)
    expected = F.normalize(encoder(NAMES).pooled @ weight.T, dim=1)
    torch.testing.assert_close(found, expected)
    missing = texts(projection=str(tmp_path / 'no folder'))
    with pytest.raises(WeightsError, match="no folder' is no folder of CLIP"):
        missing.encode(encoder)


def test_a_projection_of_another_width_is_refused(encoder, tmp_path):
    write_clip(tmp_path, 8)
    other = texts(projection=str(tmp_path))
    with pytest.raises(
        WeightsError, match=rf'{tmp_path} has the shape \(8, {tiny.WIDTH}\), but'
    ):
        other.encode(encoder)


def test_a_head_encodes_when_it_is_initialized(tmp_path):
    folder = tiny.write_folder(tmp_path)
    pool = dict(type='VectorAdapter', in_channels=8, out_channels=tiny.WIDTH)
    config = dict(type='CosineTextHead', num_classes=2, classes=NAMES, pool=pool)
    head = MODELS.build(config | dict(arch=tiny.ARCHITECTURE, pretrained=str(folder)))
    with tiny.quiet():
        head.init_weights()
    encoder = open_prior(folder).text_encoder(head.texts.architecture)
    assert torch.equal(head.text_features, texts().encode(encoder))
    with pytest.raises(WeightsError, match='2 classes must be .*pretrained=None'):
        texts().load_encoder()
