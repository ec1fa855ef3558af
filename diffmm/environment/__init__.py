"""What DiffMM needs of a machine, and how to tell whether it is there.

Nothing in this package imports torch or a host library at module level: the doctor has
to work where those are broken.
"""

from .finding import Finding, Status
from .probes import run_probes
from .tested_versions import TESTED, Package, check_version, installed_version

__all__ = [
    'TESTED',
    'Finding',
    'Package',
    'Status',
    'check_version',
    'installed_version',
    'run_probes',
]
