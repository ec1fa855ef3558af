"""Tests of segmenting plain images, of the legend and of the overlay."""

import cv2
import numpy as np
import pytest
import torch

from diffmm.apis import ImageSegmenter, SegmentedImage, read_image


@pytest.fixture
def segmenter(config_file, checkpoint_file):
    return ImageSegmenter(config_file, checkpoint_file)


def test_any_image_keeps_its_size(segmenter, write_image):
    for name, shape in {
        'square.jpg': (64, 64, 3),
        'wide.png': (70, 133, 3),
        'tall_gray.jpg': (130, 65),
        'alpha.png': (96, 64, 4),
    }.items():
        segmented = segmenter(write_image(name, *shape))

        assert segmented.image.shape == (*shape[:2], 3)
        assert segmented.class_map.shape == shape[:2]
        assert sum(segmented.shares().values()) == pytest.approx(1)
        zoom = segmented.overlay().shape[0] / shape[0]
        assert zoom == -(-384 // min(shape[:2]))


def test_weights_of_the_checkpoint_decide(config_file, write_checkpoint, write_image):
    path = write_image('a.png', 64, 64, 3)
    checkpoint = write_checkpoint(meta={})
    content = torch.load(checkpoint, weights_only=True)
    for wanted in range(3):
        state = {k: v.clone() for k, v in content['state_dict'].items()}
        state['decode_head.conv_seg.bias'][wanted] = 1e4
        segmented = ImageSegmenter(config_file, write_checkpoint(state_dict=state))(
            path
        )

        assert np.unique(segmented.class_map).tolist() == [wanted]


def test_array_and_file_agree(segmenter, write_image):
    path = write_image('a.png', 64, 80, 3)

    from_array = segmenter(read_image(path))

    np.testing.assert_array_equal(segmenter(path).class_map, from_array.class_map)


def test_classes_come_from_the_checkpoint(segmenter):
    assert segmenter.classes == ('heaven', 'lawn', 'cat')
    assert segmenter.palette == ((0, 0, 255), (0, 255, 0), (255, 0, 0))


def test_classes_fall_back_to_the_config(config_file, write_checkpoint):
    with pytest.warns(UserWarning, match='does not record its classes'):
        segmenter = ImageSegmenter(config_file, write_checkpoint())

    assert segmenter.classes == ('sky', 'grass', 'cat')
    assert segmenter.palette[2] == (255, 0, 0)


def test_palette_is_made_up_where_there_is_none(config_file, write_checkpoint):
    meta = dict(dataset_meta=dict(classes=('a', 'b', 'c')))

    segmenter = ImageSegmenter(config_file, write_checkpoint(meta=meta))

    assert len(set(segmenter.palette)) == 3


def test_too_small_image(segmenter, write_image):
    with pytest.raises(ValueError, match='63'):
        segmenter(write_image('small.png', 80, 63, 3))


def test_foreign_checkpoint(config_file, write_checkpoint):
    path = write_checkpoint(state_dict={'other.weight': torch.zeros(3)})

    with pytest.raises(ValueError, match='does not fit') as error:
        ImageSegmenter(config_file, path)
    assert len(str(error.value)) < 2000


def test_no_classes_anywhere(config_file, write_checkpoint):
    options = {'test_dataloader.dataset.dataset.metainfo': None}

    with pytest.raises(ValueError, match='no classes known'):
        ImageSegmenter(config_file, write_checkpoint(), cfg_options=options)


def make(height=40, width=60):
    """Build an image whose left quarter is class 2 and the rest class 0."""
    image = np.full((height, width, 3), (10, 20, 30), np.uint8)
    class_map = np.zeros((height, width), np.int64)
    class_map[:, : width // 4] = 2
    palette = ((200, 0, 0), (0, 200, 0), (0, 0, 200))
    return SegmentedImage(image, class_map, ('sky', 'grass', 'cat'), palette)


def test_shares_name_what_was_found_largest_first():
    assert list(make().shares().items()) == [('sky', 0.75), ('cat', 0.25)]


def test_overlay_blends_the_palette_in_rgb():
    overlay = make().overlay(opacity=0.5)

    # Enlarged tenfold, so that a side has at least 384 pixels.
    assert overlay.shape == (400, 600, 3)
    assert overlay[0, 0].tolist() == [15, 10, 105]
    assert overlay[0, 599].tolist() == [115, 10, 5]


def test_opacity_one_hides_the_image():
    assert make().overlay(opacity=1)[0, 0].tolist() == [0, 0, 200]


def test_names_are_painted_unless_the_image_is_huge():
    named, huge = (make(*size).overlay(1) for size in [(40, 60), (1025, 1024)])

    assert huge.shape == (1025, 1024, 3)
    assert len(np.unique(huge.reshape(-1, 3), axis=0)) == 2
    assert len(np.unique(named.reshape(-1, 3), axis=0)) > 2


@pytest.mark.parametrize('opacity', [0, -0.5, 1.5])
def test_bad_opacity(opacity):
    with pytest.raises(ValueError, match=str(opacity)):
        make().overlay(opacity)


@pytest.mark.parametrize('name', ['a.png', 'new/folder/a.jpg', 'a.JPEG'])
def test_saves_in_the_right_colours(tmp_path, name):
    path = tmp_path / name
    segmented = make()

    segmented.save_overlay(path, opacity=0.5)

    saved = cv2.imread(str(path))[:, :, ::-1].astype(int)
    difference = np.abs(saved - segmented.overlay(0.5).astype(int))
    assert np.median(difference) <= 3


def test_unknown_ending(tmp_path):
    with pytest.raises(ValueError, match=r'must end in \.png'):
        make().save_overlay(tmp_path / 'picture.xyz')
