"""Check the environment: ``python -m diffmm.doctor``.

Prints the installed version of everything DiffMM stands on beside the tested range,
runs the checks of :mod:`diffmm.environment`, and names for each breakage the one
command that mends it. Exit status 1 if something is broken, else 0.
"""

from __future__ import annotations

import argparse
import sys

from diffmm.environment import (
    TESTED,
    Finding,
    Package,
    Status,
    check_version,
    run_probes,
)
from diffmm.version import __version__


def format_table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Align rows under a header.

    Args:
        header: Column titles.
        rows: Cells, one tuple a row.

    Returns:
        The table, columns separated by two spaces.
    """
    lines = [header, tuple('-' * len(title) for title in header), *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    padded = [
        '  '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    ]
    return '\n'.join(line.rstrip() for line in padded)


def format_versions(findings: list[tuple[Package, Finding]]) -> str:
    """Lay out the versions.

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
    """List the command for each finding that has one.

    Args:
        findings: The findings of the whole report.

    Returns:
        Two lines a finding, the most serious first; empty if there is nothing to do.
    """
    order = (Status.BROKEN, Status.WARN, Status.INFO)
    advised = [f for status in order for f in findings if f.status is status]
    return '\n'.join(
        f'[{finding.status.value}] {finding.name}: {finding.detail}\n'
        f'    {finding.remedy}'
        for finding in advised
        if finding.remedy
    )


def main() -> int:
    """Print the report.

    Returns:
        1 if anything is broken, else 0.
    """
    argparse.ArgumentParser(
        prog='python -m diffmm.doctor',
        description='Check the environment DiffMM runs in. Exit status 1 if broken.',
    ).parse_args()
    versions = [(package, check_version(package)) for package in TESTED]
    print(f'DiffMM {__version__}\n\n{format_versions(versions)}\n', flush=True)

    probes = run_probes()
    rows = [(finding.name, finding.status.value, finding.detail) for finding in probes]
    print(format_table(('check', 'status', 'found'), rows))

    findings = [finding for _, finding in versions] + probes
    remedies = format_remedies(findings)
    if remedies:
        print(f'\nWhat to run:\n{remedies}')
    broken = sum(finding.status is Status.BROKEN for finding in findings)
    print(f'\n{broken} broken' if broken else '\nNothing is broken.')
    return int(broken > 0)


if __name__ == '__main__':
    sys.exit(main())
