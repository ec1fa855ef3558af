from __future__ import annotations

import pytest
import torch

from diffmm.diffusion import FeatureUNet
from diffmm.diffusion.denoising_pass import DenoisingPass
from tests import tiny

LAST = 'up_blocks.3.attentions.2'


@pytest.fixture(scope='module')
def unet():
    torch.manual_seed(0)
    return FeatureUNet.build(tiny.UNET).eval()


@torch.no_grad()
def run(unet, wanted, last):
    torch.manual_seed(1)
    embedding, context = torch.randn(1, 64), torch.randn(1, 5, tiny.WIDTH)
    denoising = DenoisingPass(embedding, context, None, wanted, last)
    hidden = denoising.run_up_to_last(unet, torch.randn(1, 4, 8, 8))
    return denoising.outputs, hidden


@pytest.mark.parametrize(
    ('last', 'count'),
    [
        ('down_blocks.1.resnets.0', 3),
        ('down_blocks.2', 6),
        ('mid_block.attentions.0', 9),
        ('mid_block', 10),
        ('up_blocks.2.attentions.1', 18),
        (None, 22),
    ],
)
def test_it_stops_at_the_last_layer(unet, last, count):
    ran = []
    blocks = [
        module
        for name, module in unet.named_modules()
        if name.rpartition('.')[0].endswith('resnets')
    ]
    hooks = [
        each.register_forward_hook(lambda *_: ran.append(1), always_call=True)
        for each in blocks
    ]
    wanted = last or LAST
    outputs, _ = run(unet, [wanted], last)
    for hook in hooks:
        hook.remove()
    assert len(ran) == count and len(blocks) == 22
    whole, hidden = run(unet, [wanted, LAST], None)
    assert list(outputs) == [wanted]
    assert torch.equal(outputs[wanted], whole[wanted])
    assert torch.equal(hidden, whole[LAST])
