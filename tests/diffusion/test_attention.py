import pytest
import torch
from diffusers.models.attention_processor import Attention

from diffmm.diffusion import AttentionRequest, cross_attention_with_map
from diffmm.diffusion import attention as module

HEADS = 4


@pytest.fixture
def attention():
    return Attention(query_dim=32, cross_attention_dim=16, heads=HEADS, dim_head=8)


@pytest.fixture
def hidden():
    return torch.randn(2, 30, 32)


@pytest.fixture
def context():
    return torch.randn(2, 7, 16)


def test_output_is_that_of_the_module(attention, hidden, context):
    output, _ = cross_attention_with_map(attention, hidden, context, False)
    expected = attention(hidden, encoder_hidden_states=context)
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-6)


def test_probabilities_are_those_of_unfused_attention(attention, hidden, context):
    _, probabilities = cross_attention_with_map(attention, hidden, context, False)
    query = attention.head_to_batch_dim(attention.to_q(hidden))
    key = attention.head_to_batch_dim(attention.to_k(context))
    scores = attention.get_attention_scores(query, key)  # (B * heads, HW, N)
    expected = scores.unflatten(0, (2, HEADS)).mean(dim=1)
    torch.testing.assert_close(probabilities, expected, rtol=0, atol=1e-6)
    assert probabilities.std() > 1e-3  # not the uniform map that anything would match
    torch.testing.assert_close(probabilities.sum(-1), torch.ones(2, 30))


def test_probabilities_are_float32_in_half_precision(attention, hidden, context):
    half = attention.bfloat16()
    output, probabilities = cross_attention_with_map(
        half, hidden.bfloat16(), context.bfloat16(), False
    )
    assert output.dtype == torch.bfloat16
    assert probabilities.dtype == torch.float32


def test_large_queries_and_keys_do_not_overflow_in_half_precision():
    """The plain product is 65,536, one more than float16 holds; scaled it is 8,192."""
    attention = Attention(query_dim=64, heads=1, dim_head=64).half()
    with torch.no_grad():
        for layer in (attention.to_q, attention.to_k):
            layer.weight.copy_(32 * torch.eye(64))
    hidden = torch.ones(1, 2, 64, dtype=torch.float16)
    context = torch.stack([hidden[0, 0], -hidden[0, 0]])[None]
    _, probabilities = cross_attention_with_map(attention, hidden, context, False)
    expected = torch.tensor([1.0, 0.0]).expand(1, 2, 2)
    torch.testing.assert_close(probabilities, expected)


@pytest.mark.parametrize('width', [8, 40, 64, 80, 160])
def test_the_order_of_scaling_changes_no_bit(width):
    torch.manual_seed(0)
    attention = Attention(query_dim=width, heads=1, dim_head=width)
    hidden, context = torch.randn(2, 9, width), torch.randn(2, 5, width)
    _, probabilities = cross_attention_with_map(attention, hidden, context, False)
    with torch.no_grad():
        scores = attention.to_q(hidden) @ attention.to_k(context).transpose(1, 2)
        expected = (scores * width**-0.5).softmax(dim=-1)
    assert torch.equal(probabilities, expected)


def test_maps_carry_no_gradient_unless_asked(attention, hidden, context):
    output, probabilities = cross_attention_with_map(attention, hidden, context, False)
    assert output.requires_grad
    assert not probabilities.requires_grad


def test_maps_carry_gradient_to_the_keys_and_queries(attention, hidden, context):
    _, probabilities = cross_attention_with_map(attention, hidden, context, True)
    probabilities.square().sum().backward()
    assert attention.to_k.weight.grad.abs().max() > 0
    assert attention.to_q.weight.grad.abs().max() > 0
    assert attention.to_v.weight.grad is None


def test_no_grad_wins_over_the_request(attention, hidden, context):
    with torch.no_grad():
        _, probabilities = cross_attention_with_map(attention, hidden, context, True)
    assert not probabilities.requires_grad


@pytest.mark.parametrize(
    'options, levels',
    [
        (dict(), (1, 2)),  # VPD's A32
        (dict(max_size=64), (0, 1, 2)),
        (dict(max_size=16), (2,)),
        (dict(stages=['up']), (1, 2)),
        (dict(stages=['down'], max_size=64), (0, 1, 2)),
        (dict(stages=['mid']), (3,)),
        (dict(stages=['mid'], max_size=8), (3,)),
        (dict(stages=['down', 'mid', 'up']), (1, 2, 3)),
        (dict(stages=['mid', 'up'], max_size=8), (3,)),
    ],
)
def test_levels_of_a_request(options, levels):
    assert AttentionRequest(**options).levels == levels


def test_a_request_wants_its_own_stages_only():
    request = AttentionRequest(stages=['down', 'mid'], max_size=32)
    assert request.stages == ('down', 'mid')
    wanted = {
        (stage, level)
        for stage in ('down', 'mid', 'up')
        for level in range(4)
        if request.wants(stage, level)
    }
    assert {('down', 1), ('down', 2), ('mid', 3)} <= wanted
    assert not {('down', 0), ('up', 1), ('up', 2), ('up', 3)} & wanted


@pytest.mark.parametrize(
    'options, quoted',
    [
        (dict(stages=('down', 'top')), 'top'),
        (dict(stages=()), r'\(\)'),
        (dict(stages='up'), "'u'"),
        (dict(max_size=48), '48'),
        (dict(max_size='32'), "'32'"),
        (dict(stages=('down', 'up'), max_size=8), 'max_size=8'),
    ],
)
def test_bad_requests_are_quoted(options, quoted):
    with pytest.raises(ValueError, match=quoted):
        AttentionRequest(**options)


@pytest.mark.parametrize('bias', [False, True])
def test_plain_products_are_fused_attention(monkeypatch, bias):
    """The choice between them is a matter of speed."""
    torch.manual_seed(0)
    shapes = dict(query=(2, 4, 30, 8), key=(2, 4, 7, 8), value=(2, 4, 7, 8))
    bias = torch.randn(2, 1, 1, 7) if bias else None
    inputs = [torch.randn(shape, requires_grad=True) for shape in shapes.values()]
    results = []
    for plain in (False, True):
        monkeypatch.setattr(module, '_is_plain_faster', lambda *_, plain=plain: plain)
        output = module.attend(*inputs, bias)
        gradients = torch.autograd.grad(output.square().sum(), inputs)
        results.append((output, *gradients))
    for fused, plain in zip(*results, strict=True):
        torch.testing.assert_close(plain, fused, rtol=1e-5, atol=1e-5)


def test_plain_products_run_where_a_cpu_trains_in_bfloat16(monkeypatch):
    monkeypatch.setattr(module, '_MOST_PLAIN_KEYS', 7)
    few, many = (torch.randn(1, 2, n, 8, dtype=torch.bfloat16) for n in (7, 8))
    query = torch.randn(1, 2, 30, 8, dtype=torch.bfloat16, requires_grad=True)
    assert module._is_plain_faster(query, few, few)
    assert not module._is_plain_faster(query, many, many)
    assert not module._is_plain_faster(query.detach(), few, few)
    assert not module._is_plain_faster(query.float(), few.float(), few.float())
    with torch.no_grad():
        assert not module._is_plain_faster(query, few, few)
    output = module.attend(query, few, few)
    assert output.dtype == torch.bfloat16
    expected = module.attend(query.detach(), few, few)
    torch.testing.assert_close(output, expected, rtol=0.02, atol=0.02)
