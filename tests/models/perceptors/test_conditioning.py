import torch

from diffmm.models.perceptors import Conditioning


def test_every_image_is_repeated_with_its_text():
    image, context = torch.randn(2, 4, 8, 8), torch.randn(2, 5, 16)
    visible = torch.rand(2, 5) > 0.5
    repeated = Conditioning(image, context, visible, text_cache={}).repeat(3)
    rows = [0, 0, 0, 1, 1, 1]
    assert torch.equal(repeated.image, image[rows])
    assert torch.equal(repeated.context, context[rows])
    assert torch.equal(repeated.visible, visible[rows])
    # What is computed once belongs to the batch as it was.
    assert repeated.image_part is None and repeated.text_cache is None
    assert Conditioning(image, context).repeat(3).visible is None
