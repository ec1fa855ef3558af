import json
import sys

import pytest
import torch

from diffmm.benchmark import alternate, compare, format_comparison, measure_pass

WRITE = """
import json, sys
from pathlib import Path
side, part, out, log = sys.argv[1:]
with open(log, 'a') as file:
    file.write(f'{part}-{side}' + chr(10))
turn = len(Path(log).read_text().split())
found = dict(seconds=turn, processor_seconds=2.0, peak_bytes=2**30)
if side == 'ours':
    found['peak_bytes'] //= 2
Path(out).write_text(json.dumps(found))
"""


def test_sides_take_turns_in_processes_of_their_own(tmp_path):
    log = tmp_path / 'log'

    def command_of(side, part, out):
        return [sys.executable, '-c', WRITE, side, part, str(out), str(log)]

    rounds = alternate(command_of, ['forward'], 3)
    order = ['reference', 'ours', 'ours', 'reference', 'reference', 'ours']
    assert log.read_text().split() == [f'forward-{side}' for side in order]
    (row,) = compare(rounds)
    # Turns 1 and 2, 4 and 3, 5 and 6: the median of 2, 3/4 and 6/5.
    assert row['ratio'] == dict(seconds=1.2, processor_seconds=1, peak_bytes=0.5)
    assert row['reference']['seconds'] == 4 and row['ours']['seconds'] == 3
    lines = format_comparison([row]).splitlines()
    assert lines[0].split()[-6:] == ['time', 'x', 'processor', 'x', 'peak', 'x']
    assert (
        lines[3].split() == 'forward ours 3.000 2.000 0.500 1.200 1.000 0.500'.split()
    )
    json.dumps(rounds)


def test_parts_do_not_share_a_process(tmp_path):
    log = tmp_path / 'log'

    def command_of(side, part, out):
        return [sys.executable, '-c', WRITE, side, part, str(out), str(log)]

    (found,) = alternate(command_of, ['forward', 'train'], 1)
    order = ['forward-reference', 'forward-ours', 'train-reference', 'train-ours']
    assert log.read_text().split() == order
    assert {side: list(parts) for side, parts in found.items()} == {
        'reference': ['forward', 'train'],
        'ours': ['forward', 'train'],
    }
    assert found['ours']['train']['seconds'] == 4


def test_a_process_that_fails_is_named_with_its_last_line():
    def command_of(side, part, out):
        return [sys.executable, '-c', 'import sys; sys.exit("no such thing")']

    with pytest.raises(ValueError, match='of the reference ended with code 1: no such'):
        alternate(command_of, ['train'], 1)
    with pytest.raises(ValueError, match='repeats must be at least 1, got 0'):
        alternate(command_of, ['train'], 0)


def test_bfloat16_trains_under_autocast_and_predicts_with_weights_in_bfloat16():
    seen = []

    class Backbone(torch.nn.Module):
        autocast = False

        def __init__(self):
            super().__init__()
            self.unet = torch.nn.Linear(3, 3)

        def forward(self, images):
            seen.append((self.training, self.autocast, self.unet.weight.dtype))
            return [self.unet(images)]

    images = torch.rand(1, 3)
    for part in ('forward', 'train'):
        assert measure_pass(Backbone(), images, part, 'bf16')['seconds'] > 0
    train, forward = (True, False, torch.float32), (False, True, torch.bfloat16)
    assert seen == 3 * [forward] + 3 * [train]
