from __future__ import annotations

import torch

from diffmm.diffusion.taps import Taps


def test_what_is_asked_for_is_kept_until_the_last_layer():
    taps = Taps(['a', 'c'], last='c')
    outputs = {name: torch.zeros(1) for name in 'abc'}
    seen = []
    for name, output in outputs.items():
        assert taps.wants(name) == (name in 'ac')
        taps.see(name, output)
        seen.append(taps.finished)
    assert seen == [False, False, True]
    assert taps.outputs.keys() == {'a', 'c'} and taps.outputs['a'] is outputs['a']
    # A layer behind the last one does not take the end back.
    taps.end('d')
    assert taps.finished


def test_a_whole_pass_has_no_end():
    taps = Taps()
    for name in 'abc':
        taps.see(name, torch.zeros(1))
    assert not taps.finished and not taps.outputs


def test_a_pass_may_end_at_a_layer_that_nobody_asked_for():
    taps = Taps(['a'], last='b')
    taps.see('b', torch.zeros(1))
    assert taps.finished and not taps.outputs
