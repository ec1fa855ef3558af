from __future__ import annotations

import copy

import pytest
import torch
from mmengine.optim import build_optim_wrapper
from timm.optim.muon import Muon
from torch import nn

from diffmm.engine import MuonAdamW


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


def step_of(matrices):
    """One step from zero weights, without the learning rate and its scale."""
    layers = [nn.Parameter(torch.zeros_like(matrix)) for matrix in matrices]
    for layer, matrix in zip(layers, matrices, strict=True):
        layer.grad = matrix.clone()
    MuonAdamW([dict(params=layers, algorithm='muon')], lr=1.0).step()
    scale = 0.2 * max(matrices[0].shape) ** 0.5
    return torch.stack([-layer.detach() / scale for layer in layers])


@pytest.mark.parametrize('shape', [(3, 8, 32), (2, 32, 8), (1, 16, 16)])
def test_singular_values_come_near_one(shape):
    matrices = torch.randn(shape) * torch.tensor([1e-3])
    result = step_of(matrices)
    values = torch.linalg.svdvals(result)
    assert result.shape == shape and result.dtype == torch.float32
    assert 0.4 < values.min() and values.max() < 1.4
    # The directions stay.
    u, _, v = torch.linalg.svd(matrices, full_matrices=False)
    assert ((u @ v) * result).sum() / result.square().sum() > 0.7


def test_together_is_as_alone():
    matrices = torch.randn(4, 8, 24)
    alone = torch.cat([step_of(matrix[None]) for matrix in matrices])
    torch.testing.assert_close(step_of(matrices), alone, rtol=0.05, atol=0.02)


def test_steps_are_those_of_timm():
    """timm takes one matrix after the other, and the biases by NAdamW or AdamW."""
    ours, theirs = network(), network()
    options = dict(lr=0.02, weight_decay=0.1, betas=(0.9, 0.99), eps=1e-8)
    first = MuonAdamW(groups(ours), **options)
    matrices, vectors = (group['params'] for group in groups(theirs))
    second = Muon(
        [
            dict(params=matrices, nesterov=True, use_muon=True),
            dict(params=vectors, nesterov=False, use_muon=False, weight_decay=0.0),
        ],
        ns_coefficients='original',
        **options,
    )
    assert train(ours, first, 5) == pytest.approx(train(theirs, second, 5), rel=1e-4)
    torch.testing.assert_close(
        ours.state_dict(), theirs.state_dict(), rtol=1e-3, atol=1e-4
    )


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


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_in = nn.Conv2d(3, 4, 3)
        self.norm = nn.GroupNorm(2, 4)
        self.hidden = nn.Conv2d(4, 4, 3)
        self.table = nn.Embedding(5, 4)
        self.frozen = nn.Linear(4, 4).requires_grad_(False)


def names_by_group(model, **options):
    config = dict(
        type='OptimWrapper',
        constructor='MuonOptimWrapperConstructor',
        optimizer=dict(type='MuonAdamW', lr=1e-3, weight_decay=0.1),
    )
    groups = build_optim_wrapper(model, config | options).optimizer.param_groups
    names = {id(p): name for name, p in model.named_parameters()}
    return [
        (
            group['algorithm'],
            group['weight_decay'],
            [names[id(p)] for p in group['params']],
        )
        for group in groups
    ]


def test_groups():
    assert names_by_group(Model()) == [
        ('muon', 0.1, ['hidden.weight']),
        ('adamw', 0.1, ['conv_in.weight']),
        (
            'adamw',
            0.0,
            ['conv_in.bias', 'norm.weight', 'norm.bias', 'hidden.bias', 'table.weight'],
        ),
    ]


def test_names_of_edge_layers_can_be_given():
    groups = names_by_group(Model(), paramwise_cfg=dict(adamw_keys=('hidden',)))
    assert groups[0] == ('muon', 0.1, ['conv_in.weight'])


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(paramwise_cfg=dict(custom_keys={})), r"got \['custom_keys'\]"),
        (dict(optimizer=dict(type='SGD', lr=1.0)), "optimizer type 'SGD'"),
    ],
)
def test_other_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        names_by_group(Model(), **options)


def test_nothing_to_train():
    with pytest.raises(ValueError, match='Model has no parameter with requires_grad'):
        names_by_group(Model().requires_grad_(False))
