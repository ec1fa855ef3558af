import pickle
from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

from diffmm.structures import ConditionedImages, plain_images

TEXTS = ('a cat', 'the dog', 'my house')


@pytest.fixture
def images():
    pixels = torch.arange(3 * 3 * 4 * 6, dtype=torch.float32).view(3, 3, 4, 6)
    return ConditionedImages(pixels, TEXTS)


@pytest.mark.parametrize(
    'function',
    [
        lambda x: x[:, :, 1:3, 2:5],
        lambda x: x[...],
        lambda x: x[..., :2],
        lambda x: x.flip(-1),
        lambda x: x.flip(dims=(2, 3)),
        lambda x: torch.flip(x, [3]),
        lambda x: x.contiguous(),
        lambda x: x.to(torch.float64),
        lambda x: x.half(),
        lambda x: x.clone().detach(),
        lambda x: F.pad(x, (0, 2, 0, 4)),
        lambda x: F.interpolate(x, scale_factor=2),
        deepcopy,
        lambda x: pickle.loads(pickle.dumps(x)),
    ],
)
def test_views_of_all_images_keep_the_texts(images, function):
    result = function(images)
    assert result.texts == TEXTS
    assert torch.equal(result.plain(), function(images.plain()))


@pytest.mark.parametrize(
    'function, rows',
    [
        (lambda x: x[1:], (1, 2)),
        (lambda x: x[::2], (0, 2)),
        (lambda x: x[[2, 0]], (2, 0)),
        (lambda x: x[torch.tensor([1, 1])], (1, 1)),
        (lambda x: x[torch.tensor([True, False, True])], (0, 2)),
        (lambda x: x[:2, :, ::2], (0, 1)),
        (lambda x: x.flip(0), (2, 1, 0)),
        (lambda x: torch.cat([x, x[:1]]), (0, 1, 2, 0)),
        (lambda x: torch.cat((x[2:], x), dim=0), (2, 0, 1, 2)),
    ],
)
def test_a_text_goes_where_its_image_goes(images, function, rows):
    result = function(images)
    assert result.texts == tuple(TEXTS[row] for row in rows)
    assert torch.equal(result.plain(), function(images.plain()))


@pytest.mark.parametrize(
    'function',
    [
        lambda x: x[0],
        lambda x: x[None],
        lambda x: x + 1,
        lambda x: x.mean(),
        lambda x: x.new_zeros(3),
        lambda x: torch.zeros_like(x),
        lambda x: x.transpose(0, 1),
        lambda x: torch.cat([x, x], dim=1),
        lambda x: torch.cat([x, torch.zeros(1, 3, 4, 6)]),
        lambda x: F.conv2d(x, torch.ones(1, 3, 1, 1)),
    ],
)
def test_what_is_no_batch_of_these_images_is_plain(images, function):
    result = function(images)
    assert type(result) is torch.Tensor
    assert torch.equal(result, function(images.plain()))


def test_plain_shares_memory(images):
    assert type(images.plain()) is torch.Tensor
    assert images.plain().data_ptr() == images.data_ptr()


def test_images_are_plain_with_texts_and_without(images):
    plain = plain_images(images)
    assert type(plain) is torch.Tensor and plain.data_ptr() == images.data_ptr()
    assert plain_images(plain) is plain


def test_gradients_and_checkpointing_pass(images):
    weight = torch.ones(3, 3, 1, 1, requires_grad=True)
    seen = []

    def run(x):
        seen.append(x.texts)
        return F.conv2d(x, weight)

    checkpoint(run, images, use_reentrant=False).sum().backward()
    assert seen == [TEXTS, TEXTS]
    assert weight.grad.abs().sum() > 0


@pytest.mark.parametrize('texts', [('one',), 'abc', ()])
def test_there_must_be_a_text_for_every_image(texts):
    with pytest.raises(ValueError, match='3 images'):
        ConditionedImages(torch.zeros(3, 3, 4, 4), texts)
