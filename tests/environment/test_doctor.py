from __future__ import annotations

import shutil
import sys

import pytest

from diffmm.environment import Finding, Status, doctor
from diffmm.environment.versions import current_packages


@pytest.fixture
def report(monkeypatch, capsys):
    """Run the doctor on given findings; returns its exit status and output."""

    def run(versions=Status.OK, probes=()):
        monkeypatch.setattr(sys, 'argv', ['doctor'])
        monkeypatch.setattr(doctor, 'run_probes', lambda: list(probes))
        monkeypatch.setattr(
            doctor,
            'check_version',
            lambda package: Finding(package.label, versions, '1.0', package.command),
        )
        return doctor.main(), capsys.readouterr().out

    return run


def test_healthy_environment_exits_with_zero(report):
    status, output = report(probes=[Finding('GPU', Status.INFO, 'none')])
    assert status == 0
    assert 'Nothing is broken.' in output and 'What to run' not in output
    for package in current_packages():
        assert package.label in output and package.tested in output


def test_untested_versions_do_not_fail(report):
    status, output = report(versions=Status.WARN)
    assert status == 0 and '[warn] torch: 1.0' in output


def test_a_breakage_exits_with_one_and_names_its_command(report):
    finding = Finding('mmcv operators', Status.BROKEN, 'not compiled', 'rebuild mmcv')
    status, output = report(versions=Status.WARN, probes=[finding])
    assert status == 1 and '1 broken' in output
    # The breakage comes before the warnings.
    advice = output.split('What to run:\n')[1]
    assert advice.startswith(
        '[BROKEN] mmcv operators: not compiled\n    rebuild mmcv\n[warn] torch'
    )


def test_one_command_stands_below_all_that_it_mends():
    findings = [
        Finding('mmcv', Status.INFO, 'missing', 'pip install mmcv'),
        Finding('mmseg', Status.WARN, '1.0', 'pip install mmseg'),
        Finding('mmdet', Status.BROKEN, 'no mmcv', 'pip install mmcv'),
        Finding('mmcv files', Status.BROKEN, 'gone', 'pip install mmcv'),
    ]
    # What may be done besides would be in the way of what has to be.
    assert doctor.format_remedies(findings).splitlines() == [
        '[BROKEN] mmdet: no mmcv',
        '[BROKEN] mmcv files: gone',
        '    pip install mmcv',
        '[warn] mmseg: 1.0',
        '    pip install mmseg',
    ]
    assert doctor.format_remedies(findings[:2]).endswith(
        '[info] mmcv: missing\n    pip install mmcv'
    )


def test_commands_are_for_the_interpreter_that_was_examined(monkeypatch):
    finding = Finding('mmcv', Status.BROKEN, 'gone', 'python -m pip install mmcv')
    monkeypatch.setattr(sys, 'executable', '/some env/bin/python3')
    monkeypatch.setattr(shutil, 'which', lambda name: '/usr/bin/python')
    remedies = doctor.format_remedies([finding])
    assert remedies.endswith("    '/some env/bin/python3' -m pip install mmcv")


def test_the_doctor_survives_a_broken_torchvision(tmp_path, run_python):
    package = tmp_path / 'torchvision'
    package.mkdir()
    message = 'operator torchvision::nms does not exist'
    (package / '__init__.py').write_text(f'raise RuntimeError({message!r})\n')
    result = run_python('-m', 'diffmm.doctor', path=(tmp_path,), cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert '[BROKEN] torchvision operators' in result.stdout
    assert message in result.stdout
