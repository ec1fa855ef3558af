import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import DATASETS

import diffmm  # noqa: F401
from diffmm.datasets.picture_folder_dataset import STYLE_TEMPLATES


@pytest.fixture
def folder(tmp_path):
    """Five pictures whose left halves are dark."""
    (tmp_path / 'pictures' / 'deep').mkdir(parents=True)
    for index in range(5):
        picture = np.full((20, 40, 3), 200, np.uint8)
        picture[:, :20] = index
        place = tmp_path / 'pictures' / ('deep' if index else '')
        cv2.imwrite(str(place / f'{index}.png'), picture)
    return tmp_path


def build(folder, **options):
    config = dict(
        type='PictureFolderDataset',
        data_root=str(folder),
        data_prefix=dict(img_path='pictures'),
        size=16,
    )
    return DATASETS.build(config | options)


def test_pictures_and_captions(folder):
    dataset = build(folder, word='<night>')
    assert len(dataset) == 5 and len(STYLE_TEMPLATES) == 19
    item = dataset[0]
    assert item['inputs'].shape == (3, 16, 16) and item['inputs'].dtype == torch.uint8
    captions = item['data_samples'].captions
    assert captions[-1] == 'a large painting in the style of <night>'
    assert captions == [text.format('<night>') for text in STYLE_TEMPLATES]


def paths(dataset):
    return [dataset.get_data_info(index)['img_path'] for index in range(len(dataset))]


def test_some_of_them(folder):
    first, again, other = (
        paths(build(folder, num_pictures=3, seed=seed)) for seed in (1, 1, 2)
    )
    assert first == again != other and len(set(first)) == 3
    (folder / 'list.txt').write_text('1\n3 1\n')
    names = [
        path.rsplit('/', 1)[1] for path in paths(build(folder, ann_file='list.txt'))
    ]
    assert names == ['1.png', '3.png']


def test_mirrored(folder):
    plain, mirrored = (build(folder, flip_prob=p)[0]['inputs'] for p in (0.0, 1.0))
    assert torch.equal(mirrored, plain.flip(-1)) and not torch.equal(mirrored, plain)


def test_bad_input(folder):
    (folder / 'empty').mkdir()
    (folder / 'list.txt').write_text('9\n')
    for options, error, message in (
        (dict(data_prefix=dict(img_path='empty')), FileNotFoundError, 'no picture'),
        (dict(data_prefix=dict(img_path='no')), FileNotFoundError, 'does not exist'),
        (dict(ann_file='list.txt'), FileNotFoundError, 'none of the 1 pictures'),
        (dict(num_pictures=6), ValueError, 'num_pictures=6, but .* has 5'),
        (dict(num_pictures=0), ValueError, 'at least 1, got 0'),
        (dict(captions='a text'), ValueError, "list of texts, got 'a text'"),
        (dict(flip_prob=2), ValueError, r'in \[0, 1\], got 2'),
    ):
        with pytest.raises(error, match=message):
            build(folder, **options)
