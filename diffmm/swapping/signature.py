"""What the constructor of a host's class takes."""

from __future__ import annotations

import inspect
from typing import Any


def parameters_of(kind: type | None) -> dict[str, Any]:
    """Lists the arguments of a class, those of its bases included.

    Heads hand most of their arguments on as ``**kwargs``: only together do the
    constructors of all bases say what a config may contain.

    Args:
        kind: The class; None has no arguments.

    Returns:
        Default values by name; ``inspect.Parameter.empty`` for required arguments.
    """
    found: dict[str, Any] = {}
    for base in inspect.getmro(kind) if inspect.isclass(kind) else ():
        if '__init__' in vars(base) and base is not object:
            for name, parameter in inspect.signature(base.__init__).parameters.items():
                found.setdefault(name, parameter.default)
    return found
