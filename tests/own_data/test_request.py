from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from diffmm.own_data import DataError, Request

NAMES = ('背景', '地面', '物体')


def make(**options):
    return Request(Path('c.py'), Path('images'), Path('masks'), **options)


def test_words_that_the_text_encoder_hardly_knows_are_said():
    (hint,) = make().word_hints(['sky', *NAMES, 'café'])
    assert 'learned English and hardly knows 背景, 地面, 物体, ...;' in hint
    assert make().word_hints(['sky', 'ball']) == []
    # No text encoder of another system reads them.
    assert make(system='meta_prompts').word_hints(NAMES) == []


def test_words_are_the_names_or_stand_in_their_order():
    assert make().words(NAMES) == NAMES
    words = ('sky', 'grass', 'ball')
    assert make(prompt_words=words).words(NAMES) == words
    message = r'--prompt-words has 1 words for 3 classes \(背景, 地面, 物体\)'
    with pytest.raises(DataError, match=message):
        make(prompt_words=('sky',)).words(NAMES)


@pytest.mark.parametrize(
    'words', [('ball', 'grass', 'Ball'), ('a tree', 'grass', ' a  tree')]
)
def test_classes_of_one_prompt_are_refused(words):
    message = f"the classes '背景' and '物体' have the same prompt {words[2]!r}"
    with pytest.raises(DataError, match=message):
        make(prompt_words=words).words(NAMES)
    assert make(system='vermouth', prompt_words=words).words(NAMES) == words


def test_validation_has_places_of_its_own_or_the_same():
    images, masks = Path('images'), Path('masks')
    assert make().places == (('train', images, masks), ('val', images, masks))
    other = make(val_images=Path('more'), val_labels=Path('more masks'))
    assert other.places[1] == ('val', Path('more'), Path('more masks'))
    assert Request(Path('a/b.c.py'), images, masks).folder == Path('a/b.c_data')


@pytest.fixture
def request_of(photos, tmp_path):
    """A request for the photos and their masks."""

    def make_one(images='images', labels='masks', **options):
        return Request(tmp_path / 'c.py', photos / images, photos / labels, **options)

    return make_one


def test_pictures_are_divided_with_their_partners(request_of):
    (train, ending), (val, _) = request_of(labels='depth', val_share=0.3).divide('maps')
    assert ending == '_depth.png' and (len(train), len(val)) == (7, 3)
    assert not set(train) & set(val)
    for picture, path in (train | val).items():
        assert path.name == f'{picture.path.stem}_depth.png'
        assert (picture.width, picture.height) == (96, 72)


def test_a_folder_for_validation_takes_no_picture_from_training(request_of, photos):
    for folder in ('images', 'masks'):
        shutil.copytree(photos / folder, photos / f'more {folder}')
    (photos / 'more images' / '照片 7.jpg').unlink()
    places = dict(val_images=photos / 'more images', val_labels=photos / 'more masks')
    (train, _), (val, _) = request_of(**places).divide('masks')
    assert (len(train), len(val)) == (10, 9)
    assert {path.parent.name for path in val.values()} == {'more masks'}


def test_a_picture_without_a_partner_is_named_or_left_out(request_of, photos):
    (photos / 'masks' / '照片 3.png').unlink()
    message = (
        r"1 of 10 pictures in '.*images' have no mask in '.*masks', such as "
        r"'照片 3.jpg' \(looked for '照片 3.png'\): .*--skip-unlabeled"
    )
    with pytest.raises(DataError, match=message):
        request_of().divide('masks')
    (train, _), (val, _) = request_of(skip_unlabeled=True).divide('masks')
    assert len(train) + len(val) == 9
    # Without any there is nothing to train on.
    for path in (photos / 'masks').iterdir():
        path.rename(path.with_name(f'x{path.name}'))
    with pytest.raises(DataError, match='10 of 10 pictures'):
        request_of(skip_unlabeled=True).divide('masks')


def test_photos_and_masks_may_lie_side_by_side(request_of, photos):
    for path in (photos / 'masks').iterdir():
        path.rename(photos / 'images' / path.name)
    (train, ending), _ = request_of(labels='images').divide('masks')
    assert ending == '.png' and len(train) == 9
    assert all(picture.path.suffix == '.jpg' for picture in train)


def test_png_photos_beside_png_masks_are_refused(request_of, photos):
    message = "masks' has PNG files alone.*: put the masks into another"
    with pytest.raises(DataError, match=message):
        request_of(images='masks').divide('masks')
    places = dict(val_images=photos / 'masks', val_labels=photos / 'masks')
    with pytest.raises(DataError, match=message):
        request_of(**places).divide('masks')


def test_captions_are_for_the_system_that_reads_them(request_of, photos):
    pictures = sorted((photos / 'images').iterdir())
    assert request_of().caption(pictures, photos / 'images', 'train') is None
    (photos / 'captions.json').write_text('{"a.jpg": {"captions": ["a ball"]}}')
    tadp = request_of(system='tadp', captions=photos / 'captions.json')
    with pytest.raises(DataError, match=r"no caption for 10 pictures, .*'照片 0.jpg'"):
        tadp.caption(pictures, photos / 'images', 'train')
