from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from diffmm.engine import MuonAdamW
from diffmm.engine.optimizers.muon_adamw import orthogonalize


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.Flatten(), nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4)
    )


def groups(model):
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    return [
        dict(params=matrices, algorithm='muon'),
        dict(params=vectors, weight_decay=0.0),
    ]


def train(model, optimizer, steps, first=0):
    losses = []
    for step in range(first, first + steps):
        generator = torch.Generator().manual_seed(step % 3)
        inputs = torch.randn(8, 2, 3, 3, generator=generator)
        loss = (model(inputs) - inputs.mean((1, 2, 3))[:, None]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize('shape', [(3, 8, 32), (2, 32, 8), (1, 16, 16)])
def test_singular_values_come_near_one(shape):
    matrices = torch.randn(shape) * torch.tensor([1e-3])
    result = orthogonalize(matrices)
    values = torch.linalg.svdvals(result)
    assert result.shape == shape and result.dtype == torch.float32
    assert 0.4 < values.min() and values.max() < 1.4
    # The directions stay.
    u, _, v = torch.linalg.svd(matrices, full_matrices=False)
    assert ((u @ v) * result).sum() / result.square().sum() > 0.7


def test_together_is_as_alone():
    matrices = torch.randn(4, 8, 24)
    alone = torch.cat([orthogonalize(matrix[None]) for matrix in matrices])
    torch.testing.assert_close(orthogonalize(matrices), alone, rtol=0.05, atol=0.02)


def test_matrices_follow_torch_s_muon():
    """One step, with the scale that matches AdamW's."""
    ours, theirs = nn.Linear(8, 32), nn.Linear(8, 32)
    theirs.load_state_dict(ours.state_dict())
    start = ours.weight.detach().clone()
    gradient = torch.randn(32, 8)
    ours.weight.grad, theirs.weight.grad = gradient.clone(), gradient.clone()
    options = dict(lr=0.01, weight_decay=0.1)
    first = MuonAdamW([dict(params=[ours.weight], algorithm='muon')], **options)
    other = torch.optim.Muon([theirs.weight], adjust_lr_fn='match_rms_adamw', **options)
    first.step()
    other.step()
    step = theirs.weight - start
    torch.testing.assert_close(ours.weight - start, step, rtol=0.1, atol=1e-3)


def test_vectors_follow_torch_s_adamw():
    ours, theirs = nn.Linear(4, 4), nn.Linear(4, 4)
    theirs.load_state_dict(ours.state_dict())
    options = dict(lr=0.02, weight_decay=0.1, betas=(0.9, 0.99))
    optimizers = [
        MuonAdamW(ours.parameters(), **options),
        torch.optim.AdamW(theirs.parameters(), **options),
    ]
    for _ in range(3):
        for layer, optimizer in zip((ours, theirs), optimizers, strict=True):
            optimizer.zero_grad()
            layer(torch.ones(1, 4)).square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict())


def test_it_learns_and_resumes_exactly():
    model = network()
    optimizer = MuonAdamW(groups(model), lr=0.02)
    losses = train(model, optimizer, 60)
    assert sum(losses[-3:]) < 0.3 * sum(losses[:3])
    again = copy.deepcopy(model)
    other = MuonAdamW(groups(again), lr=0.5)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    expected = train(model, optimizer, 3, 60)
    assert train(again, other, 3, 60) == expected
    assert other.param_groups[0]['algorithm'] == 'muon'


def test_parameters_without_gradient_stay():
    layer = nn.Linear(3, 3)
    before = copy.deepcopy(layer.state_dict())
    optimizer = MuonAdamW(
        [dict(params=[layer.weight], algorithm='muon'), dict(params=[layer.bias])]
    )
    optimizer.step()
    torch.testing.assert_close(layer.state_dict(), before, rtol=0, atol=0)


def test_closure_gives_the_loss():
    layer = nn.Linear(2, 2)
    optimizer = MuonAdamW(layer.parameters())

    def closure():
        loss = layer(torch.ones(1, 2)).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == pytest.approx(
        layer(torch.ones(1, 2)).sum().item(), abs=0.1
    )


@pytest.mark.parametrize(
    ('group', 'options', 'message'),
    [
        (dict(algorithm='sgd'), {}, "'adamw', 'muon'.*got 'sgd'"),
        (dict(algorithm='muon'), {}, r'got shapes \[\(3,\)\]'),
        ({}, dict(lr=-1), 'lr >= 0.*got -1'),
        ({}, dict(momentum=1.0), 'momentum < 1.*1.0'),
    ],
)
def test_wrong_settings_are_quoted(group, options, message):
    with pytest.raises(ValueError, match=message):
        MuonAdamW([dict(params=nn.Linear(3, 3).parameters(), **group)], **options)
