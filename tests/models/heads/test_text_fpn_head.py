import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import MODELS

from diffmm.diffusion import TextEncoder, WeightsError
from tests import tiny

NAMES = ['cat', 'dog', 'building, edifice']


def build(**options):
    return MODELS.build(
        dict(
            type='TextFPNHead',
            arch=tiny.ARCHITECTURE,
            in_channels=[8, 8],
            in_index=[0, 1],
            feature_strides=[4, 8],
            channels=8,
            num_classes=3,
            classes=NAMES,
            template='name',
        )
        | options
    ).eval()


@pytest.fixture
def maps():
    return [torch.randn(2, 8, 8, 8), torch.randn(2, 8, 4, 4)]


@pytest.fixture(scope='module')
def encoder():
    return TextEncoder(tiny.text_model(), 49407)


def test_features_are_means_over_templates_and_words(encoder):
    head = build(template=['{}', 'a {}'])
    head.encode(encoder)
    words = encoder(['building', 'edifice', 'a building', 'a edifice']).pooled
    expected = F.normalize(words.mean(0), dim=0)
    torch.testing.assert_close(head.text_features[2], expected)
    assert head.text_features.norm(dim=1).allclose(torch.ones(3))


def test_logits_are_cosines_over_the_temperature(maps):
    head = build(temperature=0.5)
    logits = head(maps)
    assert logits.shape == (2, 3, 8, 8) and logits.abs().max() <= 2
    sharp = build(temperature=0.05)
    sharp.load_state_dict(head.state_dict())
    torch.testing.assert_close(sharp(maps), logits * 10)


def test_classes_come_from_a_data_set_or_a_file(tmp_path):
    head = build(classes=None, num_classes=150, dataset='mmseg.ADE20KDataset')
    assert head.texts.names[:2] == ('wall', 'building')
    file = tmp_path / 'names.txt'
    file.write_text('cat\ndog\nbuilding, edifice\n')
    assert build(classes=None, class_file=file).texts.names == tuple(NAMES)
    later = build(classes=None, class_file=tmp_path / 'later.txt')
    assert not later.texts.are_known


def test_other_classes_at_any_time(encoder, maps):
    head = build()
    head.encode(encoder)
    before = head(maps)
    head.set_classes(['owl', 'dog', 'cat', 'sky'], encoder)
    after = head(maps)
    assert (head.num_classes, head.out_channels) == (4, 4)
    # The same name is the same channel, wherever it stands.
    torch.testing.assert_close(after[:, [2, 1]], before[:, :2])
    with pytest.raises(ValueError, match="nothing to tell apart: classes=.'cat'."):
        head.set_classes(['cat'], encoder)


def test_a_checkpoint_of_other_names_leaves_its_own(encoder):
    trained, same, other = build(), build(), build(classes=['a', 'b'], num_classes=2)
    trained.encode(encoder)
    for head in (same, other):
        head.load_state_dict(trained.state_dict())
    assert torch.equal(same.text_features, trained.text_features)
    assert not same.must_encode and other.must_encode
    assert other.text_features.shape == (2, tiny.WIDTH)
    torch.testing.assert_close(other.conv_seg.weight, trained.conv_seg.weight)
    other.encode(encoder)
    assert not other.must_encode
    # It has its own names already: nothing is encoded again.
    other.load_state_dict(trained.state_dict())
    assert not other.must_encode


def test_without_weights_nothing_is_encoded():
    head = build()
    with pytest.raises(WeightsError, match='3 classes must be encoded, but pretrained'):
        head.texts.load_encoder()


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(temperature=0), 'temperature must be positive, got 0'),
        (dict(num_classes=4), 'num_classes=4, but there are 3 classes'),
        (dict(classes=None), 'either classes or a class_file or a dataset'),
        (dict(dataset='mmseg.ADE20KDataset'), 'either classes or a class_file'),
        (
            dict(classes=['traffic light', 'dog', 'Traffic_Light']),
            "repeats a name: classes 0 and 2 are both 'Traffic_Light'",
        ),
    ],
)
def test_bad_options_are_quoted(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_a_file_that_repeats_a_name_is_named(tmp_path):
    file = tmp_path / 'names.txt'
    file.write_text('cat\ndog\nCat\n')
    with pytest.raises(ValueError, match='names.txt repeats a name: classes 0 and 2'):
        _ = build(classes=None, class_file=file).texts.names


def test_a_name_that_truncates_to_another_is_refused(encoder):
    long = 'very ' * 80
    head = build(classes=[f'{long} old cat', f'{long} young cat', 'dog'])
    with pytest.raises(ValueError, match='must differ within their first 77 tokens'):
        head.encode(encoder)
