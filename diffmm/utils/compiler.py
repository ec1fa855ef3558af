"""The C++ compiler that ``torch.compile`` needs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping


def check_compiler(options: bool | Mapping) -> None:
    """Checks that there is a compiler, before the first compiled step looks for it.

    Args:
        options: MMEngine's entry ``compile`` of a config: a switch, or arguments of
            ``torch.compile``. Only the backend ``'inductor'``, the default, needs one.

    Raises:
        ValueError: There is none.
    """
    if not options:
        return
    if (
        isinstance(options, Mapping)
        and options.get('backend', 'inductor') != 'inductor'
    ):
        return
    # The name that PyTorch takes, too.
    name = os.environ.get('CXX') or 'g++'
    if shutil.which(name) is None:
        raise ValueError(
            f'torch.compile needs a C++ compiler, and there is no {name!r}: install '
            'g++, set CXX to another compiler, or leave compile off'
        )
