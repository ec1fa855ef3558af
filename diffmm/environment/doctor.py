"""The report of ``python -m diffmm.doctor``.

It prints the installed version of every package beside the tested range, runs the
checks of :mod:`diffmm.environment.probes`, and names one repairing command for each
breakage.
"""

from __future__ import annotations

import argparse

from ..operators import name_python, operator_status
from ..utils.text_table import format_table
from ..version import __version__
from .probes import run_probes
from .versions import Finding, Package, Status, check_version, current_packages


def format_versions(findings: list[tuple[Package, Finding]]) -> str:
    """Lays out the versions.

    Args:
        findings: Each package with its finding.

    Returns:
        A table of package, installed version, tested range and verdict.
    """
    rows = [
        (package.label, finding.detail, package.tested, finding.status.value)
        for package, finding in findings
    ]
    return format_table(('package', 'installed', 'tested', 'status'), rows)


def format_remedies(findings: list[Finding]) -> str:
    """Lists the commands of the findings that have one.

    Args:
        findings: All findings of the report.

    Returns:
        A line for each finding, the most serious first, and one for each command, below
        all that it mends; empty if there is nothing to do. What may be done besides is
        left out while something is broken.
    """
    order = [Status.BROKEN, Status.WARN]
    if not any(finding.status is Status.BROKEN for finding in findings):
        order.append(Status.INFO)
    advice: dict[str, list[str]] = {}
    for status in order:
        for finding in findings:
            if finding.status is status and finding.remedy:
                line = f'[{status.value}] {finding.name}: {finding.detail}'
                advice.setdefault(finding.remedy, []).append(line)
    return '\n'.join(
        '\n'.join([*lines, f'    {name_python(command)}'])
        for command, lines in advice.items()
    )


def main() -> int:
    """Prints the report.

    Returns:
        The exit status: 1 if anything is broken, else 0.
    """
    argparse.ArgumentParser(
        prog='python -m diffmm.doctor',
        description='Check the environment DiffMM runs in. Exit status 1 if broken.',
    ).parse_args()
    versions = [(package, check_version(package)) for package in current_packages()]
    print(f'DiffMM {__version__}\n\n{format_versions(versions)}\n', flush=True)

    probes = run_probes()
    rows = [(finding.name, finding.status.value, finding.detail) for finding in probes]
    print(format_table(('check', 'status', 'found'), rows))
    if any(finding.detail.endswith('(listed below)') for finding in probes):
        print(f'\nOperators of mmcv\n{operator_status().list_names()}')

    findings = [finding for _, finding in versions] + probes
    remedies = format_remedies(findings)
    if remedies:
        print(f'\nWhat to run:\n{remedies}')
    broken = sum(finding.status is Status.BROKEN for finding in findings)
    print(f'\n{broken} broken' if broken else '\nNothing is broken.')
    return int(broken > 0)
