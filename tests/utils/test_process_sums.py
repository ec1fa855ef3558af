"""Sums over processes."""

from __future__ import annotations

import json

import torch

from diffmm.utils.process_sums import process_count, sum_over_processes


def test_a_single_process_gets_its_own_values_back():
    values = torch.tensor([1.0, 2.0], requires_grad=True)
    total = sum_over_processes(values)
    assert process_count() == 1
    assert total.tolist() == [1, 2] and not total.requires_grad
    total += 1
    assert values.tolist() == [1, 2]


def add_up(rank, world, folder):
    """One process of several, which has other counts than the rest."""
    torch.distributed.init_process_group(
        'gloo', init_method=f'file://{folder}/store', rank=rank, world_size=world
    )
    own = torch.tensor([1, 10]) * (rank + 1)
    found = dict(
        count=process_count(),
        total=sum_over_processes(own).tolist(),
        scalar=sum_over_processes((own > 5).sum()).item(),
        own=own.tolist(),
    )
    with open(f'{folder}/{rank}.json', 'w') as file:
        json.dump(found, file)
    torch.distributed.destroy_process_group()


def test_every_process_gets_the_sum_and_keeps_its_values(tmp_path):
    torch.multiprocessing.start_processes(
        add_up, (2, str(tmp_path)), nprocs=2, start_method='fork'
    )
    for rank in range(2):
        found = json.loads((tmp_path / f'{rank}.json').read_text())
        assert found == dict(
            count=2, total=[3, 30], scalar=2, own=[rank + 1, 10 * rank + 10]
        )
