import pytest
import torch
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement

from tests import tiny

LATENTS = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tiny.write_folder(tmp_path_factory.mktemp('model') / 'tiny')


def trained(folder, trainable):
    """A model after one step."""
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='DreamBooth',
            arch=tiny.ARCHITECTURE,
            pretrained=folder,
            trainable=trainable,
        )
    )
    with tiny.quiet():
        model.init_weights()
    for name, parameter in model.named_parameters():
        if '.lora_B' in name:
            torch.nn.init.normal_(parameter, std=0.1)
    parameters = {n: p for n, p in model.named_parameters() if p.requires_grad}
    optimizer = torch.optim.SGD(parameters.values(), 0.1)
    samples = [BaseDataElement(metainfo=dict(captions=['an image in sks style']))] * 2
    model(LATENTS, samples, mode='loss')['loss_noise'].backward()
    missing = [name for name, p in parameters.items() if p.grad is None]
    assert not missing
    optimizer.step()
    return model.eval(), set(parameters)


def maps(**options):
    backbone = tiny.build_backbone(**options).eval()
    with torch.no_grad():
        return backbone(tiny.image())


@pytest.mark.parametrize('trainable', ['all', dict(type='lora', rank=2)], ids=str)
def test_its_result_is_a_backbone_s(folder, tmp_path, trainable):
    """A folder is ``pretrained``, adapters are ``lora``; both change the features."""
    model, names = trained(folder, trainable)
    lora = trainable != 'all'
    assert all(n.startswith('unet.') and ('.lora_' in n) == lora for n in names)
    path = model.write_result(tmp_path / 'result')
    before = maps(pretrained=str(folder))
    if lora:
        after = maps(pretrained=str(folder), lora=path)
    else:
        after = maps(pretrained=str(path))
        with pytest.raises(FileExistsError, match='result'):
            model.write_result(tmp_path / 'result')
    assert not torch.allclose(before[0], after[0], atol=1e-3)
    # What was written is what was learned, up to half precision.
    backbone = tiny.build_backbone(pretrained=str(folder)).eval()
    weights = model.unet
    if lora:
        weights.fuse_lora()
    states = weights.state_dict()
    backbone.unet.load_state_dict(
        {
            name: states.get(
                name,
                states.get(
                    name.replace('.weight', '.base_layer.weight').replace(
                        '.bias', '.base_layer.bias'
                    )
                ),
            )
            for name in backbone.unet.state_dict()
        }
    )
    with torch.no_grad():
        expected = backbone(tiny.image())
    for ours, theirs in zip(after, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0.05, atol=0.02)


def test_unknown_parts(folder):
    with pytest.raises(ValueError, match="'some'"):
        trained(folder, 'some')
