from __future__ import annotations

import sys
import warnings

import pytest

from diffmm.environment import warn_broken_installation
from diffmm.environment.folders import probe_forks, probe_mmcv_files
from diffmm.environment.forks import FORKED, find_mixture
from diffmm.environment.versions import TESTED, Status, current_packages
from diffmm.operators import COMPILE, REPLACE, name_python
from tests.environment.installation import add_distribution

RELEASED = {'mmengine': '0.10.7', 'mmsegmentation': '1.2.2', 'mmdet': '3.3.0'}
FORK = {
    'onedl-mmengine': '0.10.12',
    'onedl-mmcv': '2.3.6',
    'onedl-mmsegmentation': '1.4.2',
    'onedl-mmdetection': '3.5.1',
}


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
        'onedl-mmcv of the fork beside mmengine, mmsegmentation, mmdet'
    )
    assert finding.remedy == (
        'python -m pip uninstall -y onedl-mmcv && python -m pip install '
        'mmcv-lite==2.1.0'
    )


def test_a_release_that_the_fork_overwrote_comes_anew(environment):
    """As `pip install mmdet` does it in an environment of the fork."""
    fill(environment, FORK | RELEASED | {'mmcv': '2.1.0'})
    fault, remedy = find_mixture()
    assert 'onedl-mmengine, onedl-mmcv' in fault
    assert remedy == (
        'python -m pip uninstall -y mmengine onedl-mmengine mmcv onedl-mmcv '
        'mmsegmentation onedl-mmsegmentation mmdet onedl-mmdetection && '
        'python -m pip install mmengine==0.10.7 mmcv-lite==2.1.0 '
        'mmsegmentation==1.2.2 ftfy regex mmdet==3.3.0'
    )
    assert 'MMCV_WITH_OPS' not in remedy, 'nothing is compiled'
    assert current_packages() == TESTED, 'no line asks for the fork beside it'


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
    assert finding.status is Status.BROKEN
    assert finding.remedy == f'rm -rf {environment / "mmcv"} && {REPLACE}'
    assert f'{environment / "mmcv"} is what an unfinished inst' in finding.detail


@pytest.mark.parametrize('metadata_left', [False, True])
def test_an_mmcv_that_pip_does_not_know(environment, metadata_left):
    (environment / 'mmcv').mkdir()
    (environment / 'mmcv' / '__init__.py').touch()
    if metadata_left:  # by an interrupted removal
        (environment / 'mmcv_lite-2.1.0.dist-info').mkdir()
    finding = probe_mmcv_files()
    assert finding.status is Status.BROKEN
    folder = environment / 'mmcv'
    assert finding.detail == f'{folder} has files of mmcv that pip does not know of'
    assert finding.remedy == f'rm -rf {folder} && {REPLACE}'
    # A build of mmcv under another name.
    info = add_distribution(environment, 'mmcv-custom', '2.1.0')
    (info / 'top_level.txt').write_text('mmcv\n')
    assert probe_mmcv_files().status is Status.OK


@pytest.mark.parametrize('package', [True, False])
def test_a_clone_of_mmcv_is_never_removed(environment, tmp_path_factory, package):
    """Beside the working directory, or on the PYTHONPATH."""
    folder = tmp_path_factory.mktemp('clones')
    (folder / 'mmcv').mkdir()
    if package:
        (folder / 'mmcv' / '__init__.py').touch()
    sys.path.insert(0, str(folder))
    finding = probe_mmcv_files()
    assert finding.status is (Status.OK if package else Status.BROKEN)
    assert 'rm -rf' not in finding.remedy
    assert package or finding.detail == (
        f'mmcv is not installed, and {folder / "mmcv"} is what stands there'
    )


def test_mmcv_1_beside_mmcv_lite(environment):
    add_distribution(environment, 'mmcv-full', '1.7.2', 'mmcv')
    add_distribution(environment, 'mmcv-lite', '2.1.0')
    finding = probe_mmcv_files()
    assert finding.detail == 'mmcv-lite and mmcv-full are installed over each other'
    assert finding.remedy == REPLACE and 'mmcv-full' in REPLACE


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
        'mmcv and mmcv-lite are installed over each other. This mends it: '
        + name_python(REPLACE)
    )


def test_a_sound_installation_is_passed_over_in_silence(environment):
    add_distribution(environment, 'mmcv-lite', '2.1.0', 'mmcv')
    fill(environment, RELEASED)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        warn_broken_installation()
