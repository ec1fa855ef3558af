from __future__ import annotations

import numpy as np
import pytest
import torch

from diffmm.apis import PictureRetriever
from diffmm.utils.picture_file import write_picture
from tests import tiny

CONFIG = """
default_scope = 'mmengine'
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
model = dict(
    type='TextAlignedClassifier',
    data_preprocessor=dict(
        type='TextImgDataPreprocessor', text_key='caption',
        mean=[127.5] * 3, std=[127.5] * 3, bgr_to_rgb=True),
    backbone=dict(
        type='StableDiffusionBackbone', arch={arch!r}, attention=None,
        prompt=dict(type='TextPrompt', num_tokens=8)),
    head=dict(
        type='CosineTextHead', arch={arch!r}, num_classes=2, classes=['cat', 'dog'],
        pool=dict(type='AttentionPool', in_channels=32, out_channels=16, size=1)))
val_dataloader = dict(dataset=dict(pipeline=[
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(64, 64), keep_ratio=False),
    dict(type='PackPicture', keys=('caption',))]))
"""


@pytest.fixture(scope='module')
def retriever(tmp_path_factory):
    path = tmp_path_factory.mktemp('model') / 'config.py'
    path.write_text(CONFIG.format(arch=tiny.ARCHITECTURE))
    torch.manual_seed(0)
    return PictureRetriever(path)


@pytest.fixture(scope='module')
def photos(tmp_path_factory):
    """Files of pictures, three of them, of different sizes."""
    folder, files = tmp_path_factory.mktemp('photos'), []
    for index, name in enumerate(('cat', 'dog', 'tree')):
        pixels = np.random.default_rng(index).integers(0, 256, (64 + index, 80, 3))
        files.append(folder / name / 'photo.png')
        write_picture(files[-1], pixels.astype(np.uint8))
    return files


def test_a_picture_is_nearest_to_itself(retriever, photos):
    captions = {photo: f'a {photo.parent.name}' for photo in photos}
    ranking = retriever.rank(photos[1:], photos, top=5, captions=captions)
    assert [found[0].photo for found in ranking] == photos[1:]
    for found in ranking:
        cosines = [match.cosine for match in found]
        assert len(cosines) == 3 and cosines == sorted(cosines, reverse=True)
        assert cosines[0] == pytest.approx(1, abs=1e-5)
    drawn = retriever.draw(photos[1:], ranking)
    assert drawn.dtype == np.uint8 and drawn.shape[1] == 4 * 160


def test_batches_do_not_change_vectors(retriever, photos):
    texts = ['a cat', 'a dog', 'a tree']
    together = retriever.vectors(photos, texts)
    torch.testing.assert_close(together.norm(dim=1), torch.ones(3))
    alone = retriever.vectors(photos, texts, batch_size=1)
    torch.testing.assert_close(alone, together, rtol=0, atol=1e-5)


def test_every_picture_needs_its_caption(retriever, photos):
    for captions, number in ((None, 'None'), (['a cat'], '1')):
        with pytest.raises(ValueError, match=f'3 pictures need as .* got {number}'):
            retriever.vectors(photos, captions)


def test_nothing_to_rank(retriever, photos):
    for sketches, gallery, top in (
        ([], photos, 1),
        (photos, [], 1),
        (photos, photos, 0),
    ):
        said = f'{len(sketches)} sketches, {len(gallery)} photos, top={top}'
        with pytest.raises(ValueError, match=f'nothing to rank: {said}'):
            retriever.rank(sketches, gallery, top)


def test_other_models_retrieve_nothing():
    with pytest.raises(ValueError, match='SlidingEncoderDecoder, but retrieval needs'):
        PictureRetriever('vpd_mini_fpn_1xb8-600_mini-ade20k-128x128')
