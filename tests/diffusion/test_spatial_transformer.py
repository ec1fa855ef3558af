import pytest
import torch
from diffusers.models.transformers.transformer_2d import Transformer2DModel

from diffmm.diffusion.spatial_transformer import run_spatial_transformer

BATCH, CHANNELS, HEIGHT, WIDTH, TOKENS = 2, 16, 6, 10, 5


@pytest.fixture(params=[False, True], ids=['convolution', 'linear'])
def transformer(request):
    return Transformer2DModel(
        num_attention_heads=2,
        attention_head_dim=8,
        in_channels=CHANNELS,
        norm_num_groups=4,
        cross_attention_dim=12,
        use_linear_projection=request.param,
    )


@pytest.fixture
def hidden():
    return torch.randn(BATCH, CHANNELS, HEIGHT, WIDTH)


@pytest.fixture
def context():
    return torch.randn(BATCH, TOKENS, 12)


@pytest.mark.parametrize('capture', [False, True])
def test_output_is_that_of_the_module(transformer, hidden, context, capture):
    output, _ = run_spatial_transformer(transformer, hidden, context, capture, False)
    (expected,) = transformer(hidden, encoder_hidden_states=context, return_dict=False)
    assert output.shape == hidden.shape
    torch.testing.assert_close(output, expected, rtol=1e-5, atol=1e-6)


def test_no_map_unless_captured(transformer, hidden, context):
    assert run_spatial_transformer(transformer, hidden, context, False, True)[1] is None


def test_map_lies_as_the_features_do(transformer, hidden, context):
    """Every pixel's probabilities stand at that pixel, also in a wide map."""
    _, attention_map = run_spatial_transformer(
        transformer, hidden, context, True, False
    )
    assert attention_map.shape == (BATCH, TOKENS, HEIGHT, WIDTH)
    torch.testing.assert_close(
        attention_map.sum(dim=1), torch.ones(BATCH, HEIGHT, WIDTH)
    )
    rows = []
    block = transformer.transformer_blocks[0]
    handle = block.attn2.to_q.register_forward_hook(
        lambda module, inputs, output: rows.append(output)
    )
    run_spatial_transformer(transformer, hidden, context, True, False)
    handle.remove()
    query = rows[0].unflatten(-1, (2, 8))  # (B, HW, heads, d)
    key = block.attn2.to_k(context).unflatten(-1, (2, 8))
    scores = torch.einsum('bihd,bjhd->bhij', query, key) / 8**0.5
    expected = scores.softmax(-1).mean(1)[0, 3 * WIDTH + 7]  # row 3, column 7
    torch.testing.assert_close(attention_map[0, :, 3, 7], expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize('gradient', [False, True])
def test_gradient_flag_reaches_the_map(transformer, hidden, context, gradient):
    _, attention_map = run_spatial_transformer(
        transformer, hidden, context, True, gradient
    )
    assert attention_map.requires_grad == gradient
