from __future__ import annotations

import re
import warnings
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from diffmm.environment import versions
from diffmm.environment.versions import (
    TESTED,
    Finding,
    Package,
    Status,
    check_version,
    current_packages,
    installed_version,
    uses_fork,
    warn_untested_versions,
)

PACKAGE = Package('host', ('host', 'onedl-host'), '~=1.2.2', 'host==1.2.2')


def install(monkeypatch, versions):
    def version(name):
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(metadata, 'version', version)


@pytest.mark.parametrize(
    ('version', 'status'),
    [
        ('1.2.2', Status.OK),
        ('1.2.9', Status.OK),
        ('1.2.3+cpu', Status.OK),
        ('1.2.1', Status.WARN),
        ('1.3.0', Status.WARN),
        ('1.3.0rc1', Status.WARN),
    ],
)
def test_versions_are_compared_with_the_tested_range(monkeypatch, version, status):
    install(monkeypatch, {'host': version})
    finding = check_version(PACKAGE)
    assert (finding.status, finding.detail) == (status, version)
    if status is Status.WARN:
        assert finding.remedy == 'python -m pip install host==1.2.2'


def test_a_fork_is_found_under_its_own_name(monkeypatch):
    install(monkeypatch, {'onedl-host': '1.2.5'})
    assert installed_version(PACKAGE) == '1.2.5'


def test_a_fork_has_versions_of_its_own(monkeypatch):
    (mmcv,) = [package for package in TESTED if package.label == 'mmcv']
    install(monkeypatch, {'mmcv': '2.1.0'})
    assert not uses_fork() and current_packages() == TESTED
    install(monkeypatch, {'onedl-mmcv': '2.3.6'})
    assert uses_fork()
    found = {package.label: check_version(package) for package in current_packages()}
    assert found['mmcv'].status is Status.OK
    # What is missing comes from the fork too, and from the release where it has none.
    assert found['mmseg'].remedy.startswith(
        'python -m pip install onedl-mmsegmentation==1.4.2'
    )
    assert 'mmpose==1.3.2' in found['mmpose'].remedy
    assert check_version(mmcv).status is Status.WARN


def test_a_missing_package_is_broken_only_if_required(monkeypatch):
    install(monkeypatch, {})
    assert check_version(PACKAGE).status is Status.BROKEN
    optional = Package('host', ('host',), '>=1', 'host', required=False, purpose='pose')
    finding = check_version(optional)
    assert finding.status is Status.INFO and 'pose' in finding.detail


def read_requirements(path):
    lines = path.read_text().splitlines()
    return [Requirement(line) for line in lines if line and line[0] not in '#-']


def read_pins(repo_root, name='constraints.txt'):
    requirements = read_requirements(repo_root / 'requirements' / name)
    pins = {}
    for requirement in requirements:
        match = re.fullmatch(r'==(\S+)', str(requirement.specifier))
        assert match, f'{requirement} is not an exact pin'
        pins[canonicalize_name(requirement.name)] = match.group(1)
    return pins


@pytest.mark.parametrize('package', TESTED, ids=lambda package: package.label)
def test_the_pinned_version_is_tested_and_is_what_the_remedy_installs(
    package, repo_root
):
    name = package.distributions[0]
    pin = read_pins(repo_root)[canonicalize_name(name)]
    assert pin in SpecifierSet(package.tested)
    assert f'{name}=={pin}' in package.install.split()


def test_every_requirement_is_pinned_inside_its_range(repo_root):
    pins = read_pins(repo_root)
    pins |= read_pins(repo_root, 'stacks/fork.txt') | pins
    for path in (repo_root / 'requirements').glob('*.txt'):
        for requirement in read_requirements(path):
            pin = pins[canonicalize_name(requirement.name)]
            assert pin in requirement.specifier, f'{path.name}: {requirement}, {pin}'


# What a stack replaces or does without: mmcv, xtcocotools' build, tools of the style.
RUNTIME = ('runtime', 'peft', 'pose', 'pose-nodeps', 'dev')


def test_the_fork_is_pinned_to_what_its_remedies_install(repo_root):
    pins = read_pins(repo_root, 'stacks/fork.txt')
    for package in TESTED:
        forked = [n for n in package.distributions if n.startswith('onedl-')]
        name = canonicalize_name((forked or package.distributions)[0])
        assert pins[name] in SpecifierSet(package.of_fork().tested), name
        if forked:
            assert f'{name}=={pins[name]}' in package.of_fork().install.split()
    for part in (*RUNTIME, 'fork'):
        for requirement in read_requirements(repo_root / f'requirements/{part}.txt'):
            pin = pins[canonicalize_name(requirement.name)]
            assert pin in requirement.specifier, f'{part}: {requirement}, {pin}'


def test_the_floor_is_the_lower_end_of_every_range(repo_root):
    pins = read_pins(repo_root, 'stacks/floor.txt')
    for part in (*RUNTIME, 'seg', 'det', 'mmcv-lite'):
        for requirement in read_requirements(repo_root / f'requirements/{part}.txt'):
            pin = Version(pins[canonicalize_name(requirement.name)])
            lowest = [s for s in requirement.specifier if s.operator == '>=']
            for bound in (Version(specifier.version) for specifier in lowest):
                shown = f'{part}: {requirement}, {pin}'
                assert pin.release[: len(bound.release)] == bound.release, shown
    for package in TESTED:
        name = next(n for n in package.distributions if canonicalize_name(n) in pins)
        assert pins[canonicalize_name(name)] in SpecifierSet(package.tested), name


def test_a_broken_finding_needs_a_remedy():
    with pytest.raises(ValueError, match="'mmcv' offers no remedy"):
        Finding('mmcv', Status.BROKEN, 'missing')
    assert Finding('mmcv', Status.BROKEN, 'missing', 'pip install mmcv').remedy


def test_other_findings_do_not():
    assert Finding('mmcv', Status.INFO, 'missing').remedy == ''


def test_untested_versions_give_one_warning(monkeypatch):
    def finding(package):
        status = Status.WARN if package.label in ('torch', 'peft') else Status.OK
        return Finding(package.label, status, '9.9')

    monkeypatch.setattr(versions, 'check_version', finding)
    with pytest.warns(UserWarning, match=r'torch 9\.9 .*peft 9\.9') as caught:
        warn_untested_versions()
    assert len(caught) == 1 and 'diffmm.doctor' in str(caught[0].message)


def test_tested_versions_give_no_warning(monkeypatch):
    monkeypatch.setattr(
        versions, 'check_version', lambda package: Finding('any', Status.OK, '1')
    )
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        warn_untested_versions()
