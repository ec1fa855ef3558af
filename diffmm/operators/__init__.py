"""Stand-ins for mmcv's compiled operators, where mmcv was installed without them.

Every host library imports ``mmcv._ext``, the module that compiling mmcv produces.
:func:`install` lets Python find a replacement for it: operators that torchvision and
PyTorch have compute what mmcv's do, forward and backward, on any device; every other
one raises an error that names it and the command that compiles it. An mmcv with
compiled operators is never touched.

Nothing here imports torch before an operator is asked for: the doctor has to work where
torch is broken.
"""

from .finder import (
    COMPILE,
    DISTRIBUTIONS,
    REPLACE,
    StandInFinder,
    compile_command,
    install,
    is_installed,
    name_python,
)
from .status import OperatorStatus, find_fault, operator_status

__all__ = [
    'COMPILE',
    'DISTRIBUTIONS',
    'REPLACE',
    'OperatorStatus',
    'StandInFinder',
    'compile_command',
    'find_fault',
    'install',
    'is_installed',
    'name_python',
    'operator_status',
]
