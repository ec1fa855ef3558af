from __future__ import annotations

import sys
import warnings

import pytest

from diffmm.environment import warn_broken_installation
from diffmm.environment.forks import FORKED, find_mixture
from diffmm.environment.probes import probe_forks, probe_mmcv_files
from diffmm.environment.versions import Status
from diffmm.operators import COMPILE, REPLACE
from tests.environment.installation import add_distribution

RELEASED = {'mmengine': '0.10.7', 'mmsegmentation': '1.2.2', 'mmdet': '3.3.0'}
FORK = {
    'onedl-mmengine': '0.10.12',
    'onedl-mmcv': '2.3.6',
    'onedl-mmsegmentation': '1.4.2',
    'onedl-mmdetection': '3.5.1',
}


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """An environment that holds what a test puts into it, and nothing else."""
    monkeypatch.setattr(sys, 'path', [str(tmp_path)])
    monkeypatch.setattr(
        sys, 'meta_path', [f for f in sys.meta_path if 'editable' not in repr(f)]
    )
    # A module that is imported would be found without a look at its folder.
    monkeypatch.delitem(sys.modules, 'mmcv', raising=False)
    return tmp_path


def fill(environment, versions):
    for name, version in versions.items():
        add_distribution(environment, name, version)


def test_every_host_of_the_fork_is_known():
    assert [package.label for package in FORKED] == [
        'mmengine',
        'mmcv',
        'mmseg',
        'mmdet',
    ]


@pytest.mark.parametrize('versions', [RELEASED, FORK, {}], ids=['release', 'fork', '-'])
def test_one_kind_is_no_fault(environment, versions):
    fill(environment, versions | {'mmpose': '1.3.2'})
    assert find_mixture() == ('', '')
    assert probe_forks().status is Status.OK


def test_a_forked_mmcv_beside_released_hosts(environment):
    fill(environment, RELEASED | {'onedl-mmcv': '2.3.6'})
    finding = probe_forks()
    assert finding.status is Status.BROKEN
    assert finding.detail == (
        'onedl-mmcv of the fork beside mmengine and mmsegmentation and mmdet'
    )
    assert finding.remedy == (
        'python -m pip uninstall -y onedl-mmcv && python -m pip install '
        'mmcv-lite==2.1.0'
    )


def test_a_release_that_the_fork_overwrote_comes_anew(environment):
    """As `pip install mmdet` does it in an environment of the fork."""
    fill(environment, FORK | RELEASED | {'mmcv': '2.1.0'})
    fault, remedy = find_mixture()
    assert 'onedl-mmengine and onedl-mmcv' in fault
    assert remedy == (
        'python -m pip uninstall -y mmengine onedl-mmengine mmcv onedl-mmcv '
        'mmsegmentation onedl-mmsegmentation mmdet onedl-mmdetection && '
        'python -m pip install mmengine==0.10.7 mmcv-lite==2.1.0 '
        'mmsegmentation==1.2.2 ftfy regex mmdet==3.3.0'
    )
    assert 'MMCV_WITH_OPS' not in remedy, 'nothing is compiled'


def test_mmcv_beside_mmcv_lite(environment):
    add_distribution(environment, 'mmcv', '2.1.0', 'mmcv')
    add_distribution(environment, 'mmcv-lite', '2.1.0')
    finding = probe_mmcv_files()
    assert finding.status is Status.BROKEN and finding.remedy == REPLACE
    assert finding.detail == 'mmcv and mmcv-lite are installed over each other'
    # Whoever compiled its operators wants them back.
    (environment / 'mmcv' / '_ext.py').touch()
    assert probe_mmcv_files().remedy == COMPILE


def test_a_half_installed_mmcv(environment):
    (environment / 'mmcv' / 'ops').mkdir(parents=True)
    finding = probe_mmcv_files()
    assert finding.status is Status.BROKEN and finding.remedy == REPLACE
    assert f'{environment / "mmcv"} is what an unfinished inst' in finding.detail


def test_an_mmcv_whose_files_are_gone(environment):
    add_distribution(environment, 'mmcv', '2.1.0')
    finding = probe_mmcv_files()
    assert finding.status is Status.BROKEN and finding.remedy == REPLACE
    assert finding.detail == 'mmcv is installed, but its files are gone'


def test_importing_diffmm_says_it_in_one_line(environment):
    add_distribution(environment, 'mmcv', '2.1.0', 'mmcv')
    add_distribution(environment, 'mmcv-lite', '2.1.0')
    with pytest.warns(UserWarning) as caught:
        warn_broken_installation()
    (message,) = [str(each.message) for each in caught]
    assert message == (
        'mmcv and mmcv-lite are installed over each other. This mends it: ' + REPLACE
    )


def test_a_sound_installation_is_passed_over_in_silence(environment):
    add_distribution(environment, 'mmcv-lite', '2.1.0', 'mmcv')
    fill(environment, RELEASED)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        warn_broken_installation()
