import gzip
import json

import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401
from diffmm.mini_world import generate

CAPTIONS = {
    'a.jpg': dict(captions=['a tree', 'two trees']),
    'town/a.png': dict(captions=['a street']),
    '/cafe/rgb_0.jpg': dict(captions=['a table']),
    'empty.jpg': dict(captions=[]),
}


@pytest.fixture
def path(tmp_path):
    (tmp_path / 'captions.json').write_text(json.dumps(CAPTIONS))
    return tmp_path / 'captions.json'


def load(path, image, **options):
    transform = TRANSFORMS.build(
        dict(type='LoadCaption', ann_file=str(path), **options)
    )
    return transform(dict(img_path=image))['caption']


def test_names_of_several_data_sets(path):
    assert load(path, 'data/images/a.jpg') == 'a tree'
    assert load(path, 'data/train/town/a.png', parts=2) == 'a street'
    found = load(path, 'data/sync/cafe/rgb_0.jpg', parts=2, prefix='/')
    assert found == 'a table'


def test_a_caption_of_its_own_stays(path):
    transform = TRANSFORMS.build(dict(type='LoadCaption', ann_file=str(path)))
    results = transform(dict(img_path='unknown.jpg', caption='a dog'))
    assert results['caption'] == 'a dog'


@pytest.mark.parametrize(
    ('image', 'options', 'message'),
    [
        ('b.jpg', {}, "has 0 captions for 'b.jpg'"),
        ('empty.jpg', {}, "has 0 captions for 'empty.jpg'"),
        ('town/a.png', {}, r"'a.png', .*parts=1 and prefix='' must make the names"),
    ],
)
def test_a_picture_without_one_is_refused(path, image, options, message):
    with pytest.raises(ValueError, match=message):
        load(path, image, **options)


def test_bad_arguments(tmp_path):
    with pytest.raises(ValueError, match='parts must be positive, got 0'):
        load('captions.json', 'a.jpg', parts=0)
    with pytest.raises(FileNotFoundError, match='none.json do not exist'):
        load(tmp_path / 'none.json', 'a.jpg')


def test_the_mini_world_has_captions_in_this_form(tmp_path):
    generate(tmp_path, 'cityscapes', 1, 1, size=64, seed=0)
    (picture,) = (tmp_path / 'leftImg8bit/val').rglob('*.png')
    path = tmp_path / 'captions/cityscapes_captions.json'
    caption = load(path, str(picture), parts=2)
    assert len(caption.split()) > 3


def test_names_without_a_suffix(path):
    (path.parent / 'voc.json').write_text('{"2007_000027": {"captions": ["a cat"]}}')
    found = load(
        path.parent / 'voc.json', 'JPEGImages/2007_000027.jpg', extension=False
    )
    assert found == 'a cat'


def test_the_error_shows_a_name_of_the_file(path):
    with pytest.raises(ValueError, match="'b', .*extension=False.*names is 'a.jpg'"):
        load(path, 'b.jpg', extension=False)


@pytest.mark.parametrize(
    ('image', 'options', 'message'),
    [
        ('town/a.png', {}, r"parts=2, prefix='' and extension=True make 'town/a.png'"),
        ('x/cafe/rgb_0.jpg', {}, r"parts=2, prefix='/' and .*make '/cafe/rgb_0.jpg'"),
        ('a.jpg', dict(extension=False), "'a', .*extension=True make 'a.jpg', which"),
        ('Empty.jpg', {}, "names is 'empty.jpg'; .*generate_captions.py adds"),
        ('empty.jpg', {}, 'but one is needed$'),
    ],
)
def test_the_error_says_how_the_file_names_the_picture(path, image, options, message):
    with pytest.raises(ValueError, match=message):
        load(path, image, **options)


def check(path, images, **options):
    transform = TRANSFORMS.build(
        dict(type='LoadCaption', ann_file=str(path), **options)
    )
    transform.check_pictures([dict(img_path=image) for image in images])


def test_a_whole_data_set_is_checked(path):
    check(path, ['x/a.jpg', 'y/a.jpg'])
    with pytest.raises(ValueError, match="'b.jpg', .* 2 of 3 pictures of the data set"):
        check(path, ['a.jpg', 'b.jpg', 'c.jpg'])
    with pytest.raises(ValueError, match="2 captions for 'a.jpg', .* 1 of 1 pictures"):
        check(path, ['a.jpg'], only=True)
    with pytest.raises(
        FileNotFoundError, match=r'none.json do not .*captions\.py writes'
    ):
        check(path.with_name('none.json'), ['a.jpg'])
    # A picture may bring its own.
    transform = TRANSFORMS.build(dict(type='LoadCaption', ann_file=str(path)))
    transform.check_pictures([dict(img_path='b.jpg', caption='a dog')])


def test_who_wrote_the_captions_is_no_picture(tmp_path):
    path = tmp_path / 'captions.json'
    path.write_text('{"": {"captions": [], "captioners": []}}')
    with pytest.raises(ValueError, match="'a.jpg', .*the file has none at all"):
        load(path, 'a.jpg')


def test_several_captions_where_one_is_meant(path):
    with pytest.raises(ValueError, match="has 2 captions for 'a.jpg', but one is"):
        load(path, 'data/a.jpg', only=True)
    assert load(path, 'data/train/town/a.png', parts=2, only=True) == 'a street'


def test_a_byte_order_mark_is_no_part_of_the_captions(tmp_path):
    path = tmp_path / 'captions.json'
    path.write_text(json.dumps(CAPTIONS), encoding='utf-8-sig')
    assert path.read_bytes()[:3] == b'\xef\xbb\xbf'
    assert load(path, 'a.jpg') == 'a tree'


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('{"a.jpg": {"captions": ["a tr', 'are damaged: Unterminated string'),
        (b'\xff\xfe\x00', "are damaged: 'utf-8' codec"),
        ('', r'are damaged: .*Get it again, or write it with tools/'),
        (gzip.compress(b'{}'), 'are damaged: .*must be in UTF-8 and not compressed'),
        ('{}'.encode('utf-16'), 'are damaged: .*must be in UTF-8'),
        ('{}', "0 captions for 'a.jpg', .* has none at all, .*captions.py writes them"),
        ('["a tree"]', 'form must be .*got a list'),
        ('{"a.jpg": null}', "'a.jpg' holds 'None'; its form must be"),
        ('{"a.jpg": 3}', "'a.jpg' holds '3'; its form must be"),
        ('{"a.jpg": {"captions": null}}', "'a.jpg' holds .*None"),
        ('{"a.jpg": "a tree"}', "'a.jpg' holds 'a tree'; its form must be"),
        ('{"a.jpg": {"captions": "a tree"}}', "'a.jpg' holds .*'a tree'"),
        ('{"a.jpg": {"captions": [""]}}', "'a.jpg': a caption must be words, got ''"),
        ('{"a.jpg": {"captions": ["a", 3]}}', r"'a.jpg' holds .*\['a', 3\]"),
    ],
    ids=str,
)
def test_damaged_files_are_one_error(tmp_path, content, message):
    path = tmp_path / 'captions.json'
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=message) as error:
        load(path, 'a.jpg')
    assert str(path) in str(error.value)


def test_repr():
    transform = TRANSFORMS.build(dict(type='LoadCaption', ann_file='a.json', parts=2))
    assert repr(transform) == (
        "LoadCaption(ann_file='a.json', parts=2, prefix='', extension=True, only=False)"
    )
