import pytest
import torch
from torch import nn

from diffmm.diffusion import FeatureUNet
from diffmm.models.backbones.trainable_part import set_trainable_part
from tests import tiny

NORMS = (nn.GroupNorm, nn.LayerNorm)


@pytest.fixture
def unet():
    torch.manual_seed(0)
    return FeatureUNet.build(tiny.UNET)


def trainable(unet):
    return {name for name, p in unet.named_parameters() if p.requires_grad}


@pytest.mark.parametrize('part, share', [('all', 1), ('none', 0)])
def test_all_or_nothing(unet, part, share):
    set_trainable_part(unet, part)
    assert len(trainable(unet)) == share * len(list(unet.parameters()))


def test_norms(unet):
    set_trainable_part(unet, 'norm')
    expected = {
        f'{name}.{parameter}'
        for name, module in unet.named_modules()
        if isinstance(module, NORMS)
        for parameter in ('weight', 'bias')
    }
    assert trainable(unet) == expected
    assert any('transformer_blocks.0.norm2' in name for name in expected)
    assert any('resnets.0.norm1' in name for name in expected)


def test_lora(unet):
    total = tiny.count_parameters(unet)
    set_trainable_part(unet, dict(type='lora', rank=2))
    names = trainable(unet)
    assert all('.lora_' in name for name in names)
    # 32 attentions, four projections in each, a pair of factors beside every one.
    assert len(names) == 32 * 4 * 2
    factor = 'down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.lora_A'
    (weight,) = unet.get_submodule(factor).parameters()
    assert weight.shape == (2, tiny.WIDTH)
    frozen = [p for p in unet.parameters() if not p.requires_grad]
    assert sum(p.numel() for p in frozen) == total


def test_lora_options(unet):
    option = dict(type='lora', rank=4, alpha=8, dropout=0.25, targets=['to_q'])
    set_trainable_part(unet, option)
    assert len(trainable(unet)) == 32 * 2
    assert all('.to_q.' in name for name in trainable(unet))
    block = unet.mid_block.attentions[0].transformer_blocks[0]
    assert block.attn1.to_q.scaling == {'default': 2.0}
    assert block.attn1.to_q.lora_dropout['default'].p == 0.25
    assert option['type'] == 'lora'  # the caller's config is left alone


@pytest.mark.parametrize(
    'targets, kinds',
    [
        ('all-linear', {'to_q', 'to_out.0', 'net.2', 'linear_1'}),
        (r'.*\.attn2\.to_[kv]', {'to_k', 'to_v'}),
        ('to_q', None),
    ],
)
def test_lora_targets_are_those_of_peft(unet, targets, kinds):
    part = dict(type='lora', rank=2, targets=targets)
    if kinds is None:  # a text is an expression of whole names
        with pytest.raises(ValueError, match='to_q'):
            set_trainable_part(unet, part)
        return
    set_trainable_part(unet, part)
    adapted = {name.split('.lora_')[0] for name in trainable(unet)}
    for kind in kinds:
        assert any(name.endswith(f'.{kind}') for name in adapted)
    assert all('norm' not in name for name in adapted)


def test_fresh_lora_changes_no_feature(unet):
    latents, context = torch.randn(1, 4, 8, 8), torch.randn(1, 3, tiny.WIDTH)
    before = unet(latents, context).maps
    set_trainable_part(unet, dict(type='lora', rank=2))
    tiny.assert_same_features(unet(latents, context).maps, before)


def test_every_lora_factor_gets_a_gradient_once_it_has_begun(unet):
    set_trainable_part(unet, dict(type='lora', rank=2))
    for name, parameter in unet.named_parameters():
        if '.lora_B' in name:  # begins at zero, which would stop the gradient of A
            nn.init.normal_(parameter)
    maps = unet(torch.randn(1, 4, 8, 8), torch.randn(1, 3, tiny.WIDTH)).maps
    sum(m.square().mean() for m in maps).backward()
    for name, parameter in unet.named_parameters():
        assert (parameter.grad is not None) == ('.lora_' in name)
        assert parameter.grad is None or parameter.grad.abs().max() > 0


@pytest.mark.parametrize(
    'part, message',
    [
        ('everything', "'everything'"),
        (None, 'None'),
        (dict(type='dora'), "type='lora', got .*'dora'"),
        (dict(rank=8), "type='lora', got .*'rank': 8"),
        (dict(type='lora', rank=0), '`r` should be a positive.*0'),
        (dict(type='lora', targets=['to_x']), 'to_x'),
        (dict(type='lora', targets=['to_q', 'to_wv']), r"\['to_wv'\] match no layer"),
        (dict(type='lora', ranks=8), "'ranks'"),
    ],
    ids=str,
)
def test_bad_parts_are_quoted(unet, part, message):
    with pytest.raises(ValueError, match=message):
        set_trainable_part(unet, part)
