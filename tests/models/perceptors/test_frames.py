import mmcv
import numpy as np
import pytest
import torch

from diffmm.models.perceptors.frames import latent_mask, pad_to_multiple, restore_frame


def test_a_latent_is_valid_if_all_its_pixels_are():
    valid = torch.ones(1, 1, 16, 20, dtype=torch.bool)
    valid[0, 0, 3, 9] = False
    # The last four columns are half of a latent.
    assert latent_mask(valid, 8)[0, 0].tolist() == [
        [True, False, False],
        [True, True, False],
    ]


def test_padding_repeats_the_edge():
    image = torch.arange(6.0).view(1, 1, 2, 3)
    padded = pad_to_multiple(image, 4)
    assert padded.shape == (1, 1, 4, 4)
    assert padded[0, 0, :, 3].tolist() == [2, 5, 5, 5]
    assert pad_to_multiple(padded, 4) is padded


def test_the_frame_of_the_picture():
    prediction = torch.arange(20.0).view(1, 4, 5)
    meta = dict(img_padding_size=(1, 0, 0, 2), ori_shape=(2, 4), flip=True)
    assert restore_frame(prediction, meta)[0].tolist() == [[4, 3, 2, 1], [9, 8, 7, 6]]
    assert restore_frame(prediction, dict(ori_shape=(8, 10))).shape == (1, 8, 10)


@pytest.mark.parametrize('direction', ['horizontal', 'vertical', 'diagonal'])
def test_every_flip_of_the_pipelines_is_undone(direction):
    picture = np.arange(12.0).reshape(3, 4)
    flipped = mmcv.imflip(picture, direction).copy()
    meta = dict(flip=True, flip_direction=direction)
    restored = restore_frame(torch.from_numpy(flipped)[None], meta)
    assert restored[0].tolist() == picture.tolist()
