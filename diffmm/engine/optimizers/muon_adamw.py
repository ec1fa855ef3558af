"""Muon for matrices and AdamW for everything else, in one optimizer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

import torch
from mmengine.registry import OPTIMIZERS
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.adamw import adamw

ALGORITHMS = ('adamw', 'muon')
# Coefficients of the quintic Newton-Schulz iteration (K. Jordan et al., "Muon", 2024).
_A, _B, _C = 3.4445, -4.7750, 2.0315
# Factor on the root mean square of an orthogonal update, so that Muon can run at
# AdamW's learning rate (Liu et al., "Muon is Scalable for LLM Training", section 2.2).
_RMS = 0.2


@OPTIMIZERS.register_module()
class MuonAdamW(Optimizer):
    """Orthogonalised momentum for hidden matrices, AdamW for the other parameters.

    ``torch.optim.Muon`` takes matrices only and one after the other. Here a
    convolution counts as the matrix ``(out, in * kh * kw)``, matrices of one shape are
    orthogonalised together, and both algorithms live in one optimizer, so that
    schedulers, gradient accumulation, averages and resuming need to know nothing.

    Example:
        >>> layer = torch.nn.Linear(4, 4)
        >>> optimizer = OPTIMIZERS.build(dict(
        ...     type='MuonAdamW', lr=1e-3, params=[
        ...         dict(params=[layer.weight], algorithm='muon'),
        ...         dict(params=[layer.bias], algorithm='adamw')]))
        >>> layer(torch.ones(1, 4)).sum().backward()
        >>> optimizer.step()

    Args:
        params: Parameter groups; an entry ``algorithm`` in a group, ``'muon'`` or
            ``'adamw'`` (default), says how its parameters are updated.
            ``MuonOptimWrapperConstructor`` makes such groups.
        lr: Learning rate of both.
        weight_decay: Decoupled weight decay of both.
        momentum: Muon's momentum (Nesterov).
        ns_steps: Newton-Schulz iterations.
        betas: AdamW's.
        eps: AdamW's.

    Raises:
        ValueError: An algorithm is unknown, or a vector is given to Muon.
    """

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-3,
        weight_decay: float = 0.0,
        momentum: float = 0.95,
        ns_steps: int = 5,
        betas: tuple[float, float] = (0.9, 0.99),
        eps: float = 1e-8,
    ) -> None:
        if lr < 0 or weight_decay < 0 or not 0 <= momentum < 1 or ns_steps < 1:
            raise ValueError(
                'expected lr >= 0, weight_decay >= 0, 0 <= momentum < 1 and ns_steps '
                f'>= 1, got {lr}, {weight_decay}, {momentum} and {ns_steps}'
            )
        defaults = dict(
            lr=lr,
            weight_decay=weight_decay,
            momentum=momentum,
            ns_steps=ns_steps,
            betas=tuple(betas),
            eps=eps,
            algorithm='adamw',
        )
        super().__init__(params, defaults)
        for group in self.param_groups:
            _check_group(group)

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Updates every parameter that has a gradient.

        Args:
            closure: Computes the loss again, as for every torch optimizer.

        Returns:
            The closure's loss, if there is one.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            parameters = [p for p in group['params'] if p.grad is not None]
            if not parameters:
                continue
            if group['algorithm'] == 'muon':
                self._step_muon(parameters, group)
            else:
                self._step_adamw(parameters, group)
        return loss

    def _step_muon(self, parameters: list[Tensor], group: dict) -> None:
        by_shape = defaultdict(list)
        for parameter in parameters:
            by_shape[parameter.flatten(1).shape].append(parameter)
        for shape, members in by_shape.items():
            updates = [self._momentum(p, group).flatten(1) for p in members]
            updates = orthogonalize(torch.stack(updates), group['ns_steps'])
            rate = group['lr'] * _RMS * max(shape) ** 0.5
            for parameter, update in zip(members, updates, strict=True):
                parameter.mul_(1 - group['lr'] * group['weight_decay'])
                parameter.add_(update.view_as(parameter), alpha=-rate)

    def _momentum(self, parameter: Tensor, group: dict) -> Tensor:
        """Nesterov momentum, in the parameter's shape."""
        state = self.state[parameter]
        if not state:
            state['momentum_buffer'] = torch.zeros_like(parameter)
        buffer = state['momentum_buffer']
        buffer.lerp_(parameter.grad, 1 - group['momentum'])
        return parameter.grad.lerp(buffer, group['momentum'])

    def _step_adamw(self, parameters: list[Tensor], group: dict) -> None:
        for parameter in parameters:
            state = self.state[parameter]
            if not state:
                state['step'] = torch.tensor(0.0)
                state['exp_avg'] = torch.zeros_like(parameter)
                state['exp_avg_sq'] = torch.zeros_like(parameter)
        states = [self.state[parameter] for parameter in parameters]
        beta1, beta2 = group['betas']
        adamw(
            parameters,
            [parameter.grad for parameter in parameters],
            [state['exp_avg'] for state in states],
            [state['exp_avg_sq'] for state in states],
            [],
            [state['step'] for state in states],
            amsgrad=False,
            beta1=beta1,
            beta2=beta2,
            lr=group['lr'],
            weight_decay=group['weight_decay'],
            eps=group['eps'],
            maximize=False,
        )


def orthogonalize(matrices: Tensor, steps: int = 5) -> Tensor:
    """Replaces the singular values of matrices by values near one.

    Args:
        matrices: Stacked matrices, shape (n, rows, columns).
        steps: Newton-Schulz iterations.

    Returns:
        Matrices of the same shape and dtype whose singular values lie between about
        0.5 and 1.5.
    """
    dtype, tall = matrices.dtype, matrices.shape[1] > matrices.shape[2]
    work = matrices.transpose(1, 2) if tall else matrices
    work = work.bfloat16()
    work = work / work.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(steps):
        gram = work @ work.transpose(1, 2)  # (n, r, r)
        polynomial = torch.baddbmm(gram, gram, gram, beta=_B, alpha=_C)
        work = torch.baddbmm(work, polynomial, work, beta=_A)
    return (work.transpose(1, 2) if tall else work).to(dtype)


def _check_group(group: dict) -> None:
    if group['algorithm'] not in ALGORITHMS:
        raise ValueError(
            f'algorithm must be one of {ALGORITHMS}, got {group["algorithm"]!r}'
        )
    if group['algorithm'] == 'muon':
        shapes = [tuple(p.shape) for p in group['params'] if p.ndim < 2]
        if shapes:
            raise ValueError(
                f'Muon updates matrices and convolutions, got shapes {shapes[:3]}; '
                "give vectors to a group with algorithm='adamw'"
            )
