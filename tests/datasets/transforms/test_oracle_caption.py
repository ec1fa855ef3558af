import numpy as np
import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401
from diffmm.mini_world import generate
from tests.parity_tadp import PASCAL

LETTERS = [f'class {letter}' for letter in 'abcdefghijklmnopqrst']


def build(**options):
    return TRANSFORMS.build(dict(type='OracleCaption', **options))


def caption(labels, name='a.jpg', **options):
    options = dict(classes=PASCAL) | options
    results = dict(img_path=name, gt_seg_map=np.array([labels]))
    return build(**options)(results)['oracle_caption']


@pytest.mark.parametrize(
    ('labels', 'text'),
    [
        ([15, 12, 0, 255, 12], 'background dog person'),
        ([20, 0, 11, 9, 18], 'background chair dining table sofa television'),
        ([14, 7], 'car motorcycle'),
    ],
)
def test_names_stand_in_the_order_of_the_labels(labels, text):
    assert caption(labels) == text
    assert caption(labels, separator='; ') == text.replace(
        'dining table', 'dining_table'
    ).replace(' ', '; ').replace('_', ' ')


def shares(precision, recall, count=1500):
    """Measured precision and recall of texts about 4 to 8 of 20 classes."""
    transform = build(
        classes=LETTERS, separator=';', precision=precision, recall=recall
    )
    rng = np.random.default_rng(0)
    found = []
    for index in range(count):
        labels = rng.choice(20, rng.integers(4, 9), replace=False)
        results = dict(img_path=f'{index}.jpg', gt_seg_map=labels)
        named = set(transform(results)['oracle_caption'].split(';'))
        right = len(named & {LETTERS[label] for label in labels})
        found.append((right / len(named), right / len(labels)))
    return np.mean(found, axis=0)


@pytest.mark.parametrize('precision', [0.5, 0.75, 1])
@pytest.mark.parametrize('recall', [0.5, 0.75, 1])
def test_precision_and_recall_are_met_on_average(precision, recall):
    np.testing.assert_allclose(
        shares(precision, recall), (precision, recall), atol=0.03
    )


def test_a_picture_has_the_same_text_at_every_visit():
    texts = {
        caption([1, 2, 3, 4], name, precision=0.5, recall=0.5, seed=seed)
        for name in ('x/a.jpg', 'y/a.jpg')
        for seed in (0, 0)
    }
    assert len(texts) == 1
    others = {
        caption([1, 2, 3, 4], f'{i}.jpg', precision=0.5, recall=0.5) for i in range(9)
    }
    assert len(others) > 4


def test_one_class_stays_and_the_background_is_let_alone():
    for index in range(50):
        name, low = f'{index}.jpg', dict(precision=0.5, recall=0.1)
        assert caption([0], name, **low) == 'background'
        words = caption([3], name, **low).split()
        assert 'bird' in words and 'background' not in words


def test_a_text_of_its_own_stays():
    results = dict(img_path='a.jpg', oracle_caption='a cat')
    assert build(classes=PASCAL)(results)['oracle_caption'] == 'a cat'


@pytest.mark.parametrize(
    ('results', 'message'),
    [
        ({}, 'a.jpg has no annotation .*behind LoadAnnotations'),
        (dict(gt_seg_map=np.array([[255]])), r'labels \[\] beside 255'),
        (dict(gt_seg_map=np.array([[0, 21]])), r'labels \[0, 21\] .* 0 to 20'),
    ],
)
def test_pictures_without_a_text(results, message):
    with pytest.raises(ValueError, match=message):
        build(classes=PASCAL)(dict(img_path='a.jpg', **results))


@pytest.mark.parametrize('share', [0, 1.5, -1])
@pytest.mark.parametrize('name', ['precision', 'recall'])
def test_bad_shares(name, share):
    with pytest.raises(ValueError, match=rf'{name} must be in \(0, 1\], got {share}'):
        build(classes=PASCAL, **{name: share})


def test_an_annotation_of_the_mini_world(tmp_path):
    generate(tmp_path, 'ade20k', 1, 0, size=64, seed=0)
    (picture,) = (tmp_path / 'images/training').glob('*.jpg')
    results = dict(
        img_path=str(picture),
        seg_map_path=str(picture).replace('images', 'annotations')[:-3] + 'png',
        reduce_zero_label=True,
        seg_fields=[],
    )
    load = TRANSFORMS.build(dict(type='mmseg.LoadAnnotations', reduce_zero_label=True))
    results = build(dataset='mmseg.ADE20KDataset', separator='; ')(load(results))
    names = results['oracle_caption'].split('; ')
    assert {'grass', 'floor'} & set(names) and len(names) > 2


def test_repr():
    assert repr(build(classes=PASCAL)) == (
        "OracleCaption(21 classes, separator=' ', precision=1.0, recall=1.0, seed=0)"
    )


def test_sentences_of_a_picture_that_is_classified(tmp_path):
    """Vermouth's released prompts: each picture keeps its own sentence."""
    path = tmp_path / 'names.txt'
    path.write_text('hot_dog\ncat\n')
    templates = ['a photo of {}.', 'There is the {} in the scene.']
    transform = build(class_file=str(path), template=templates)
    found = {
        transform(dict(img_path=f'{i}.jpg', gt_label=0))['oracle_caption']
        for i in (*range(9), *range(9))
    }
    assert found == {each.replace('{}', 'hot dog') for each in templates}
    with pytest.raises(ValueError, match="template needs '{}' for the names, got 'a'"):
        build(classes=PASCAL, template='a')
