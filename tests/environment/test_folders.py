from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from diffmm.environment import folders
from diffmm.environment.folders import (
    SOURCE,
    probe_copies,
    probe_environment,
    probe_files,
    probe_source,
)
from diffmm.environment.versions import Status
from tests.environment.installation import add_distribution


@pytest.fixture
def prefix(environment, monkeypatch) -> Path:
    """The folder of the environment, as `python -m venv` leaves it."""
    folder = environment.parents[2]
    monkeypatch.setattr(sys, 'prefix', str(folder))
    monkeypatch.delenv('VIRTUAL_ENV', raising=False)
    write_activate(folder, f'VIRTUAL_ENV="{folder}"\nexport VIRTUAL_ENV\n')
    return folder


def write_activate(folder, text):
    (folder / 'bin').mkdir(exist_ok=True)
    (folder / 'bin' / 'activate').write_text(f'deactivate nondestructive\n{text}')


def test_an_environment_where_it_was_made(prefix):
    finding = probe_environment()
    assert (finding.status, finding.detail) == (Status.OK, str(prefix))


@pytest.mark.parametrize(
    'line',
    [
        'VIRTUAL_ENV="/old place/.venv"',
        "VIRTUAL_ENV='/old place/.venv'",
        'VIRTUAL_ENV=$(cygpath "x")\n    export VIRTUAL_ENV="/old place/.venv"',
    ],
    ids=['Python 3.11', 'virtualenv, uv', 'Python 3.13'],
)
def test_an_environment_that_was_moved(prefix, line):
    write_activate(prefix, f'{line}\n')
    finding = probe_environment()
    assert finding.status is Status.WARN
    assert f'{prefix} was moved or copied from /old place/.venv' in finding.detail
    assert finding.remedy.endswith(f' -m venv --clear {prefix}')


def test_that_of_a_clone_is_built_again_by_make(prefix, monkeypatch):
    monkeypatch.setattr(folders, 'SOURCE', prefix)
    monkeypatch.setattr(sys, 'prefix', str(prefix / '.venv'))
    (prefix / '.venv').mkdir()
    write_activate(prefix / '.venv', 'VIRTUAL_ENV="/elsewhere"\n')
    expected = f'rm -rf {prefix}/.venv && make -C {prefix} install'
    assert probe_environment().remedy == expected


@pytest.mark.parametrize('is_venv', [True, False])
def test_another_environment_is_active(prefix, monkeypatch, is_venv):
    monkeypatch.setenv('VIRTUAL_ENV', '/another')
    if not is_venv:
        (prefix / 'bin' / 'activate').unlink()
    finding = probe_environment()
    assert finding.status is Status.WARN
    assert finding.detail == f'/another is active, but this is the Python of {prefix}'
    expected = f'source {prefix}/bin/activate' if is_venv else 'deactivate'
    assert finding.remedy == expected


def test_packages_of_two_pythons_in_one_environment(prefix):
    (prefix / 'lib/python3.10/site-packages').mkdir(parents=True)
    (prefix / 'lib/python3.11/site-packages').mkdir(parents=True)
    (prefix / 'lib/python3').rename(prefix / 'lib/other')
    finding = probe_environment()
    assert finding.status is Status.WARN
    assert finding.detail == f'{prefix} holds packages of python3.10 and python3.11'


def test_a_link_to_an_environment_is_no_other(prefix, tmp_path_factory, monkeypatch):
    link = tmp_path_factory.mktemp('links') / '.venv'
    link.symlink_to(prefix)
    monkeypatch.setattr(sys, 'prefix', str(link))
    monkeypatch.setenv('VIRTUAL_ENV', str(prefix))
    assert probe_environment().status is Status.OK


def add_source(folder):
    (folder / 'diffmm').mkdir(parents=True)
    (folder / 'diffmm' / '__init__.py').touch()
    return folder


@pytest.mark.parametrize('on_the_path', [True, False])
def test_the_source_of_a_copied_clone(environment, monkeypatch, on_the_path):
    """`python -m` looks into the working directory first, a script does not."""
    old = add_source(environment / 'old' if not on_the_path else environment)
    sys.path.insert(0, str(SOURCE))
    monkeypatch.chdir(SOURCE)
    monkeypatch.delenv('PYTHONPATH', raising=False)
    if not on_the_path:

        class EditableFinder:
            def find_spec(self, name, path=None, target=None):
                return folders.PathFinder.find_spec(name, [str(old)])

        sys.meta_path.append(EditableFinder())
    finding = probe_source()
    assert finding.status is Status.WARN and f'import that of {old}' in finding.detail
    assert finding.remedy.endswith(f' --no-deps --editable {SOURCE}')

    monkeypatch.setenv('PYTHONPATH', str(SOURCE))
    assert probe_source().status is Status.OK


def test_two_opencvs_write_the_same_files(environment):
    add_distribution(environment, 'opencv-python', '4.11.0.86')
    assert probe_copies().status is Status.OK
    add_distribution(environment, 'opencv-python-headless', '4.12.0.88')
    finding = probe_copies()
    assert finding.status is Status.WARN
    assert finding.detail == (
        'opencv-python and opencv-python-headless are installed over each other'
    )
    assert finding.remedy == (
        'python -m pip uninstall -y opencv-python opencv-python-headless && '
        'python -m pip install opencv-python==4.11.0.86'
    )


def test_two_versions_in_one_folder(environment):
    """As an upgrade leaves them that was interrupted."""
    add_distribution(environment, 'numpy', '1.26.4')
    add_distribution(environment, 'numpy', '2.4.6')
    finding = probe_copies()
    assert finding.status is Status.BROKEN
    assert f'numpy is both 1.26.4 and 2.4.6 in {environment}' in finding.detail
    assert finding.remedy == (
        'python -m pip uninstall -y numpy && python -m pip install numpy==1.26.4'
    )


@pytest.mark.parametrize('of_the_user', [True, False])
def test_a_package_from_elsewhere_hides_that_of_the_environment(
    prefix, environment, tmp_path_factory, monkeypatch, of_the_user
):
    elsewhere = tmp_path_factory.mktemp('elsewhere')
    add_distribution(environment, 'transformers', '5.23.0')
    add_distribution(elsewhere, 'transformers', '4.40.0')
    if of_the_user:
        monkeypatch.setattr(folders.site, 'ENABLE_USER_SITE', True)
        monkeypatch.setattr(folders.site, 'getusersitepackages', lambda: str(elsewhere))
    sys.path.append(str(elsewhere))
    assert probe_copies().status is Status.OK, 'that of the environment comes first'
    sys.path.reverse()
    finding = probe_copies()
    assert finding.status is Status.WARN
    assert finding.detail.startswith(f'transformers 4.40.0 in {elsewhere}')
    assert finding.detail.endswith('hides 5.23.0 of this environment')
    uninstall = 'python -m pip uninstall -y transformers'
    assert finding.remedy == (uninstall if of_the_user else 'unset PYTHONPATH')


def test_a_folder_that_is_twice_on_the_path_holds_no_copies(environment):
    add_distribution(environment, 'numpy', '1.26.4')
    (environment.parent / 'lib64').symlink_to(environment)
    sys.path.append(str(environment.parent / 'lib64'))
    assert probe_copies().status is Status.OK


@pytest.mark.parametrize(
    ('name', 'version', 'package', 'remedy'),
    [
        (
            'mmsegmentation',
            '1.2.2+local',
            'mmseg',
            'pip install --force-reinstall --no-deps mmsegmentation==1.2.2',
        ),
        ('mmcv', '2.1.0', 'mmcv', 'pip install mmcv-lite==2.1.0'),
        ('onedl-mmcv', '2.3.6', 'mmcv', 'pip install onedl-mmcv==2.3.6'),
    ],
)
def test_files_that_are_gone(environment, name, version, package, remedy):
    info = add_distribution(environment, name, version, package)
    record = [f'{package}/__init__.py,,', f'{package}/ops/nms.py,,', '../bin/x,,']
    record += ['tests/test_gone.py,,', f'{package}/ops/gone.txt,,']
    (info / 'RECORD').write_text('\n'.join(record))
    (environment / package / 'ops').mkdir()
    (environment / package / 'ops' / 'nms.py').touch()
    assert probe_files().status is Status.OK
    (environment / package / 'ops' / 'nms.py').unlink()
    finding = probe_files()
    assert finding.status is Status.BROKEN
    expected = f'1 files of {name} are gone, {package}/ops/nms.py for one'
    assert finding.detail == expected and finding.remedy.endswith(remedy)


def test_an_mmcv_that_has_a_line_of_its_own_has_no_second(environment):
    info = add_distribution(environment, 'mmcv', '2.1.0')
    (info / 'RECORD').write_text('mmcv/__init__.py,,\n')
    assert probe_files().status is Status.OK
    assert os.listdir(environment) == [info.name]
