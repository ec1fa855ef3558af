import inspect

import torch

import diffmm  # noqa: F401
from diffmm.swapping.host_modules import (
    build,
    find_class,
    parameters_of,
    without_synchronized_norms,
)


class Base:
    def __init__(self, a, b=1, **kwargs):
        pass


class Derived(Base):
    def __init__(self, c=2, b=3, **kwargs):
        super().__init__(**kwargs)


def test_joins_the_constructors_of_all_bases():
    found = parameters_of(Derived)
    assert found['a'] is inspect.Parameter.empty
    assert (found['b'], found['c']) == (3, 2), 'the derived default counts'


def test_nothing_has_no_arguments():
    assert parameters_of(None) == {}


def test_builds_in_the_scope_it_is_told():
    conv = dict(type='FCNHead', in_channels=2, channels=2, num_classes=2)
    assert type(build(conv, 'mmseg')).__module__.startswith('mmseg')
    assert find_class('FCNHead', 'mmseg') is type(build(conv, 'mmseg'))
    assert find_class('NoSuchThing', 'mmseg') is None
    assert find_class(torch.nn.Identity, 'mmseg') is torch.nn.Identity


def test_replaces_synchronized_norms_anywhere():
    norm = dict(type='MMSyncBN', requires_grad=True, stats_mode='N')
    cfg = dict(norm_cfg=norm, heads=[dict(norm_cfg=dict(type='SyncBN', eps=1))])
    plain = without_synchronized_norms(cfg)
    assert plain['norm_cfg'] == dict(type='BN', requires_grad=True)
    assert plain['heads'] == [dict(norm_cfg=dict(type='BN', eps=1))]
    assert cfg['norm_cfg'] is norm and norm['type'] == 'MMSyncBN'
