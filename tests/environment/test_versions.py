from __future__ import annotations

import re
import warnings
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from diffmm.environment import versions
from diffmm.environment.versions import (
    TESTED,
    Finding,
    Package,
    Status,
    check_version,
    installed_version,
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


def test_a_missing_package_is_broken_only_if_required(monkeypatch):
    install(monkeypatch, {})
    assert check_version(PACKAGE).status is Status.BROKEN
    optional = Package('host', ('host',), '>=1', 'host', required=False, purpose='pose')
    finding = check_version(optional)
    assert finding.status is Status.INFO and 'pose' in finding.detail


def read_pins(repo_root):
    lines = (repo_root / 'requirements' / 'constraints.txt').read_text().splitlines()
    requirements = [Requirement(line) for line in lines if not line.startswith('#')]
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
    for path in (repo_root / 'requirements').glob('*.txt'):
        for line in path.read_text().splitlines():
            if not line.strip() or line.startswith(('#', '-r')):
                continue
            requirement = Requirement(line)
            pin = pins[canonicalize_name(requirement.name)]
            assert pin in requirement.specifier, f'{path.name}: {line} against {pin}'


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
