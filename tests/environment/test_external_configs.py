from __future__ import annotations

import pytest
from mmengine.config import utils

from diffmm.environment import external_configs
from diffmm.environment.external_configs import find_configs_of_fork


@pytest.mark.parametrize(
    ('installed', 'package'),
    [
        (['mmsegmentation', 'mmseg'], 'mmsegmentation'),
        (['mmseg'], 'mmseg'),
        ([], 'mmsegmentation'),
    ],
    ids=['released', 'fork', 'neither'],
)
def test_package_that_has_the_configs(monkeypatch, installed, package):
    monkeypatch.setitem(utils.MODULE2PACKAGE, 'mmseg', 'mmsegmentation')
    monkeypatch.setattr(external_configs, 'is_installed', installed.__contains__)
    for _ in range(2):
        find_configs_of_fork()
    assert utils.MODULE2PACKAGE['mmseg'] == package


def test_a_config_is_found():
    hub = pytest.importorskip('mmengine.hub')
    pytest.importorskip('mmseg')
    cfg = hub.get_config('mmseg::sem_fpn/fpn_r50_4xb4-160k_ade20k-512x512.py')
    assert cfg.model.decode_head.type == 'FPNHead'
