"""What an installed DiffMM carries, and what the Makefile promises."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

MIM = ('configs', 'tools', 'demo', 'model-index.yml')


@pytest.fixture(scope='module')
def wheel(repo_root, tmp_path_factory):
    """The names in a wheel built from a copy of the sources, without their caches."""
    folder = tmp_path_factory.mktemp('wheel')
    source = folder / 'source'
    ignored = shutil.ignore_patterns('__pycache__', '*.egg-info')
    source.mkdir()
    for name in ('diffmm', 'configs', 'tools', 'demo', 'requirements'):
        shutil.copytree(repo_root / name, source / name, symlinks=True, ignore=ignored)
    for path in repo_root.iterdir():
        if path.is_file():
            shutil.copy(path, source)
    command = [sys.executable, '-m', 'pip', 'wheel', '--no-build-isolation']
    command += ['--no-deps', '--quiet', '--wheel-dir', str(folder), str(source)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    (path,) = folder.glob('diffmm-*.whl')
    with zipfile.ZipFile(path) as archive:
        yield archive


def tracked(folder, *suffixes):
    paths = [path for path in folder.rglob('*') if path.suffix in suffixes]
    names = [path.relative_to(folder).as_posix() for path in paths]
    return {name for name in names if '__pycache__' not in name}


def test_wheel_carries_configs_tools_demo_and_the_index(wheel, repo_root):
    names = set(wheel.namelist())
    for folder in ('configs', 'tools', 'demo'):
        expected = tracked(repo_root / folder, '.py', '.sh', '.yml')
        assert expected, folder
        assert {f'diffmm/.mim/{folder}/{name}' for name in expected} <= names
    assert 'diffmm/.mim/model-index.yml' in names


def test_wheel_carries_every_module_and_data_file_of_the_package(wheel, repo_root):
    package = repo_root / 'diffmm'
    expected = tracked(package, '.py', '.json', '.txt', '.gz', '.safetensors')
    names = set(wheel.namelist())
    assert {f'diffmm/{name}' for name in expected if '.mim' not in name} <= names
    assert not [name for name in names if name.endswith('.pyc') or '/tests/' in name]


def has_startup_files(names, record):
    """RECORD is what `pip uninstall` goes by."""
    files = {'_diffmm_operators.py', 'diffmm_operators.pth'}
    return files <= set(names) and all(f'\n{name},' in f'\n{record}' for name in files)


def read_record(archive):
    (name,) = [name for name in archive.namelist() if name.endswith('/RECORD')]
    return archive.read(name).decode()


def test_wheel_carries_what_finds_the_operators_at_start_up(wheel, repo_root):
    assert has_startup_files(wheel.namelist(), read_record(wheel))
    source = repo_root / 'diffmm' / 'operators' / 'startup.py'
    assert wheel.read('_diffmm_operators.py') == source.read_bytes()
    assert wheel.read('diffmm_operators.pth') == b'import _diffmm_operators\n'


def test_an_editable_installation_has_it_too(wheel, tmp_path):
    source = Path(wheel.filename).with_name('source')
    code = 'from setuptools import build_meta; build_meta.build_editable({!r})'
    command = [sys.executable, '-c', code.format(str(tmp_path))]
    result = subprocess.run(
        command, cwd=source, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    (path,) = tmp_path.glob('diffmm-*.whl')
    with zipfile.ZipFile(path) as archive:
        assert has_startup_files(archive.namelist(), read_record(archive))


def test_wheel_metadata(wheel, repo_root):
    (name,) = [
        name for name in wheel.namelist() if name.endswith('.dist-info/METADATA')
    ]
    lines = wheel.read(name).decode().splitlines()
    assert 'Name: diffmm' in lines
    # setuptools orders the bounds as it likes.
    (bounds,) = [line for line in lines if line.startswith('Requires-Python: ')]
    assert set(bounds.split(': ')[1].split(',')) == {'>=3.10', '<3.14'}
    extras = {line.split(': ')[1] for line in lines if 'Provides-Extra' in line}
    wanted = {'captions', 'seg', 'det', 'pose', 'cls', 'peft', 'demo', 'dev'}
    wanted |= {'all', 'fork'}
    assert {extra.replace('-', '_') for extra in extras} == wanted
    required = [
        Requirement(line.split(': ', 1)[1])
        for line in lines
        if line.startswith('Requires-Dist: ')
    ]
    always = {canonicalize_name(r.name) for r in required if 'extra' not in str(r)}
    runtime = (repo_root / 'requirements' / 'runtime.txt').read_text().splitlines()
    lines = [line for line in runtime if line and not line.startswith('#')]
    assert always == {canonicalize_name(Requirement(line).name) for line in lines}


def test_mim_folder_of_this_installation(repo_root):
    mim = files('diffmm') / '.mim'
    for name in MIM:
        here, there = mim / name, repo_root / name
        assert os.path.samefile(str(here), there), f'{here} is not {there}'


def test_mim_links_are_relative(repo_root):
    """An absolute link would work on one machine only."""
    for name in MIM:
        assert os.readlink(repo_root / 'diffmm' / '.mim' / name) == f'../../{name}'


def test_every_config_resolves_through_mim(repo_root):
    """Base files are found from ``.mim`` as they are from the repository."""
    from mmengine.config import Config

    index = yaml.safe_load((repo_root / 'model-index.yml').read_text())
    mim = files('diffmm') / '.mim'
    for metafile in index['Import']:
        models = yaml.safe_load((mim / metafile).read_text())['Models']
        assert models
        first = models[0]['Config']
        assert Config.fromfile(str(mim / first)).model.type


def make(repo_root, *arguments, **environment):
    # `make test` itself sets these, and a make below a make announces its folder.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith('MAKE')}
    return subprocess.run(
        ['make', *map(str, arguments)],
        cwd=repo_root,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def finished(tmp_path, repo_root):
    """An environment folder in which every step of the installation has been done."""
    stamps = tmp_path / 'env' / '.stamps'
    stamps.mkdir(parents=True)
    steps = ('venv', 'torch', 'mmcv', 'packages', 'project', 'ops', 'lint')
    steps += ('demo', 'browser')
    text = (repo_root / 'Makefile').read_text()
    assert set(re.findall(r'^\$\(STAMPS\)/(\w+):', text, re.MULTILINE)) == set(steps)
    for step in steps:
        (stamps / step).touch()
    (stamps / 'project').write_text(f'{repo_root.resolve()}\n')
    python = tmp_path / 'env' / 'bin' / 'python'
    python.parent.mkdir()
    python.touch(0o755)
    return tmp_path / 'env'


def test_a_finished_installation_is_not_repeated(repo_root, finished):
    result = make(repo_root, 'install', f'VENV={finished}', 'PYTHON=no-such-python')
    assert result.returncode == 0, result.stderr
    assert 'Nothing to be done' in result.stdout


def test_two_commands_and_ci_start_what_they_promise(repo_root, finished):
    def planned(target):
        return make(repo_root, '--dry-run', target, f'VENV={finished}').stdout

    assert planned('demo').strip() == f'{finished}/bin/python demo/web_demo.py'
    assert planned('quickstart').strip() == f'{finished}/bin/python demo/quickstart.py'
    everything = planned('test-all').strip()
    assert f'{finished}/bin/python -m pytest --numprocesses=auto' in everything
    assert "'not slow" not in everything
    fast = f"{everything} -m 'not slow and not docs'"
    assert planned('test').strip() == fast
    assert planned('test-docs').strip() == f'{everything} -m docs'
    assert 'ruff check' in planned('lint') and 'ruff format' in planned('lint')
    ci = (repo_root / '.ci' / 'run').read_text()
    assert 'make lint\nmake test\nmake test-docs\n' in ci
    assert os.access(repo_root / '.ci' / 'run', os.X_OK)


def test_a_stack_has_an_environment_of_its_own(repo_root):
    planned = make(repo_root, '--dry-run', 'test-stack', 'STACK=floor').stdout
    assert '.venv-floor/bin/python -m diffmm.doctor' in planned
    assert '.venv-floor/bin/python -m pytest' in planned
    assert "-m 'not slow and not docs'" in planned and ' .venv/bin' not in planned


@pytest.mark.parametrize(
    'arguments',
    [(), ('STACK=newest',), ('STACK=../constraints',), ('STACK=floor fork',)],
)
def test_an_unknown_stack_is_named(repo_root, arguments):
    result = make(repo_root, 'test-stack', *arguments)
    assert result.returncode != 0
    name = arguments[0].partition('=')[2] if arguments else ''
    assert f"STACK='{name}' is none of: floor fork" in result.stderr


def test_missing_python_is_named(repo_root, tmp_path):
    result = make(
        repo_root, 'install', f'VENV={tmp_path / "env"}', 'PYTHON=no-such-python'
    )
    assert result.returncode != 0
    assert "no 'no-such-python' here" in result.stderr


def test_a_command_that_starts_no_python_is_named(repo_root, tmp_path):
    """As pyenv has one for each version that it could start."""
    shim = write_script(tmp_path / 'python3.12', 'echo pyenv: not found >&2; exit 127')
    result = make(repo_root, 'install', f'VENV={tmp_path / "env"}', f'PYTHON={shim}')
    assert result.returncode != 0
    assert f"error: no '{shim}' here" in result.stderr and 'pyenv' not in result.stderr


@pytest.mark.parametrize(
    'setting', ['VENV=', 'VENV=my env', 'PYTHON=', 'PYTHON=my python']
)
def test_a_name_that_make_cannot_use_is_refused(repo_root, setting):
    """Without a folder, pip would write into the system."""
    result = make(repo_root, '--dry-run', 'install', setting)
    assert result.returncode != 0 and result.stdout == ''
    name, _, value = setting.partition('=')
    (line,) = result.stderr.splitlines()
    assert f"{name}='{value}': name a" in line


def write_script(path, text):
    path.write_text(f'#!/bin/sh\n{text}\n')
    path.chmod(0o755)
    return path


def test_an_environment_keeps_its_python(repo_root, finished):
    """Another one would be ignored without a word."""
    write_script(finished / 'bin' / 'python', 'echo 3.13')
    asked = write_script(finished / 'asked', 'echo 3.11')
    arguments = ('install', f'VENV={finished}')
    result = make(repo_root, *arguments, f'PYTHON={asked}')
    assert result.returncode != 0
    expected = (
        f'{finished} has Python 3.13, not 3.11. Remove it first: rm -rf {finished}'
    )
    assert expected in result.stderr
    assert make(repo_root, *arguments).returncode == 0
    write_script(asked, 'echo 3.13')
    assert make(repo_root, *arguments, f'PYTHON={asked}').returncode == 0


def test_stamps_without_an_interpreter_are_not_believed(repo_root, finished):
    python = finished / 'bin' / 'python'
    python.unlink()
    python.symlink_to('/removed/python3.11')
    result = make(repo_root, 'quickstart', f'VENV={finished}')
    assert result.returncode != 0
    assert f'The Python of {finished} is gone' in result.stderr
    assert make(repo_root, 'help', f'VENV={finished}').returncode == 0


def test_a_copied_clone_installs_itself_again(repo_root, finished, fake_python):
    """Otherwise its scripts would import the first clone."""
    stamp = finished / '.stamps' / 'project'
    stamp.write_text('/first/clone\n')
    result = make(repo_root, 'install', f'VENV={finished}')
    assert result.returncode == 0, result.stderr
    (call,) = read_calls(fake_python).splitlines()
    assert call.endswith('--no-deps --editable .')
    assert stamp.read_text() == f'{repo_root.resolve()}\n'

    # An environment behind a link belongs to another clone.
    stamp.write_text('/first/clone\n')
    link = finished.with_name('link')
    link.symlink_to(finished)
    result = make(repo_root, 'install', f'VENV={link}')
    assert 'Nothing to be done' in result.stdout


def test_an_environment_without_pip_is_completed(repo_root, finished, tmp_path):
    """As Python leaves it where Debian's python3-venv is missing."""
    write_script(finished / 'bin' / 'python', 'exit 1')
    python = write_script(tmp_path / 'python', 'echo "$@" >> "$0.calls"')
    (finished / '.stamps' / 'venv').unlink()
    arguments = (f'VENV={finished}', f'PYTHON={python}')
    make(repo_root, finished / '.stamps' / 'venv', *arguments)
    assert f'-m venv {finished}\n' in (tmp_path / 'python.calls').read_text()


def test_unsupported_python_is_named(repo_root, tmp_path):
    python = tmp_path / 'old-python'
    python.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.8.1 && exit 0\nexit 1\n'
    )
    python.chmod(0o755)
    result = make(repo_root, 'install', f'VENV={tmp_path / "env"}', f'PYTHON={python}')
    assert result.returncode != 0
    assert 'Python 3.8.1; DiffMM needs Python 3.10 to 3.13' in result.stderr


@pytest.fixture
def fake_python(finished):
    """An interpreter that writes its arguments down, and has no compiled operators."""
    python = finished / 'bin' / 'python'
    python.write_text(
        '#!/bin/sh\n'
        'echo "$@" >> "$(dirname "$0")/calls"\n'
        'case "$*" in *mmcv._ext*) exit 1;; esac\n'
    )
    python.chmod(0o755)
    return python


def read_calls(python):
    path = python.with_name('calls')
    return path.read_text() if path.exists() else ''


def test_missing_compiler_is_named(repo_root, finished, fake_python):
    (finished / '.stamps' / 'ops').unlink()
    result = make(repo_root, 'ops', f'VENV={finished}', 'CXX=no-such-compiler')
    assert result.returncode != 0
    assert "no C++ compiler 'no-such-compiler' here" in result.stderr
    assert 'uninstall' not in read_calls(fake_python)


def test_the_installation_needs_no_compiler(repo_root, finished, fake_python):
    (finished / '.stamps' / 'mmcv').unlink()
    arguments = (f'VENV={finished}', 'CXX=no-such-compiler', 'CC=no-such-compiler')
    result = make(repo_root, finished / '.stamps' / 'mmcv', *arguments)
    assert result.returncode == 0, result.stderr
    calls = read_calls(fake_python)
    assert 'install' in calls and '-r requirements/mmcv-lite.txt' in calls


def test_compiled_operators_stay(repo_root, finished, fake_python):
    fake_python.write_text(fake_python.read_text().replace('exit 1', 'exit 0'))
    target = finished / '.stamps' / 'mmcv'
    target.unlink()
    result = make(repo_root, target, f'VENV={finished}', 'CXX=no-such-compiler')
    assert result.returncode == 0, result.stderr
    assert 'keeping mmcv with its compiled operators' in result.stdout
    assert 'pip' not in read_calls(fake_python)

    (finished / '.stamps' / 'ops').unlink()
    result = make(repo_root, 'ops', f'VENV={finished}', 'CXX=no-such-compiler')
    assert result.returncode == 0, result.stderr
    assert "mmcv's operators are compiled already" in result.stdout
    assert 'uninstall' not in read_calls(fake_python)


def test_a_failed_build_of_the_operators_removes_nothing(
    repo_root, finished, fake_python
):
    failing = fake_python.read_text() + 'case "$*" in *wheel*) exit 1;; esac\n'
    fake_python.write_text(failing)
    (finished / '.stamps' / 'ops').unlink()
    result = make(repo_root, 'ops', f'VENV={finished}', 'CXX=true')
    assert result.returncode != 0
    calls = read_calls(fake_python)
    assert 'pip wheel' in calls and 'uninstall' not in calls
    assert not (finished / '.stamps' / 'ops').exists()


def test_help_lists_every_public_target(repo_root):
    listed = re.findall(r'^make (\S+)', make(repo_root, 'help').stdout, re.MULTILINE)
    wanted = (
        'help install ops quickstart demo browser test test-docs test-all test-stack '
        'lint format doctor clean'
    )
    assert listed == wanted.split()


# Hosts and options have files of their own.
OTHER_REQUIREMENTS = (
    'fork',
    'mmcv-lite',
    'mmcv',
    'seg',
    'det',
    'cls',
    'pose-nodeps',
    'peft',
    'captions',
    'demo',
)


def read_requirements(repo_root, name):
    lines = (repo_root / 'requirements' / f'{name}.txt').read_text().splitlines()
    return {
        canonicalize_name(Requirement(line).name)
        for line in lines
        if line and not line.startswith(('#', '-'))
    }


def third_party_imports(folder):
    """Modules that the package imports, without the standard library and itself."""
    found = set()
    for path in folder.rglob('*.py'):
        if '.mim' in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition('.')[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.partition('.')[0])
    return found - set(sys.stdlib_module_names) - {'diffmm'}


def test_every_import_is_required(repo_root):
    """Also what another requirement happens to bring along."""
    required = read_requirements(repo_root, 'runtime')
    for name in OTHER_REQUIREMENTS:
        required |= read_requirements(repo_root, name)
    projects = packages_distributions()
    imported = third_party_imports(repo_root / 'diffmm')
    assert {'torch', 'PIL', 'yaml'} <= imported
    undeclared = {
        module
        for module in imported
        if required.isdisjoint(map(canonicalize_name, projects.get(module, [module])))
    }
    assert not undeclared, 'add them to requirements/runtime.txt'
