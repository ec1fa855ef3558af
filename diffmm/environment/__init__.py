"""The machine that DiffMM runs on: tested versions, checks, repairs.

Importing this package imports neither torch nor a host library, because the doctor has
to work where those are broken.
"""

from .forks import warn_broken_installation
from .import_failure import postpone
from .versions import (
    TESTED,
    Finding,
    Package,
    Status,
    check_version,
    installed_version,
    warn_untested_versions,
)

__all__ = [
    'TESTED',
    'Finding',
    'Package',
    'Status',
    'check_version',
    'installed_version',
    'postpone',
    'warn_broken_installation',
    'warn_untested_versions',
]
