"""The report of an environment in which DiffMM cannot be imported."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

from ..operators import name_python
from ..utils.host_import import (
    IMPORT_FAILURES,
    failing_builder,
    first_line,
    is_own_mistake,
)

_REGISTERED = re.compile(
    r'^@?(?P<registry>[A-Z_]+)\.register_module\('
    r'(?:\)\n(?:class|def) |module=\w+, name=\'|module=)(?P<name>\w+)',
    re.MULTILINE,
)


def postpone(error: Exception) -> None:
    """Reports a failed import of DiffMM now, and again where DiffMM is used.

    ``python -m diffmm.doctor`` imports the package before the doctor itself, so
    ``import diffmm`` must succeed where torch or a host is broken. A warning names the
    reason. A config that uses a class of DiffMM then fails with the same reason, not
    with "not in registry".

    Args:
        error: The exception that the import raised.

    Raises:
        Exception: ``error`` itself, if DiffMM is at fault, not the environment.
    """
    if is_own_mistake(error):
        raise error
    reason = (
        f'DiffMM cannot be imported completely ({first_line(error)}). This prints what '
        'is broken and the command that repairs it: '
        + name_python('python -m diffmm.doctor')
    )
    warnings.warn(reason, stacklevel=3)
    try:
        registries = importlib.import_module('mmengine.registry')
    except IMPORT_FAILURES:
        return  # without mmengine there are no configs either
    for registry, name in registered_names(Path(__file__).parents[1]):
        if name not in getattr(registries, registry).module_dict:
            stand_in = failing_builder(f'{name} cannot be built. {reason}', error)
            getattr(registries, registry).register_module(name=name, module=stand_in)


def registered_names(package: Path) -> Iterator[tuple[str, str]]:
    """Yields the registry and the name of everything registered, read as text.

    Args:
        package: Folder of the package.
    """
    for path in sorted(package.rglob('*.py')):
        for match in _REGISTERED.finditer(path.read_text(encoding='utf-8')):
            yield match['registry'], match['name']
