"""A finder that offers the stand-in for ``mmcv._ext`` where DiffMM is not imported yet.

Some programs import operators before they read a config: mmdetection's
``tools/test.py``, a script with ``from mmdet.apis import ...`` in its first line.
``setup.py`` installs a copy of this file as ``_diffmm_operators.py``, and
``diffmm_operators.pth``, with which Python runs it whenever it starts. So it imports
nothing before ``mmcv._ext`` is asked for.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as typing has it, whose import would take longer than the rest
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class StartupFinder:
    """Finds ``mmcv._ext`` where no compiled one was found, and nothing else."""

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        """Describes the stand-in; ``None`` for any other module.

        Args:
            fullname: The module that is imported.
            path: The folders of its package; not used.
            target: A module that is reloaded; not used.
        """
        if fullname != 'mmcv._ext':
            return None
        operators = _load_operators()
        return operators and operators.StandInFinder().find_spec(fullname, None)


def _load_operators() -> ModuleType | None:
    """Imports ``diffmm.operators`` without ``diffmm``.

    Importing ``diffmm`` registers subclasses of the hosts' classes, and a host is half
    imported when it asks for ``mmcv._ext``.

    Returns:
        The package; ``None`` where DiffMM's files are gone.
    """
    import importlib.util

    name = 'diffmm.operators'
    if 'diffmm' not in sys.modules and name not in sys.modules:
        package = importlib.util.find_spec('diffmm')
        folders = package and package.submodule_search_locations
        if not folders:
            return None
        spec = importlib.util.spec_from_file_location(
            name, f'{folders[0]}/operators/__init__.py'
        )
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return importlib.import_module(name)


if not any(type(finder).__name__ == 'StartupFinder' for finder in sys.meta_path):
    sys.meta_path.append(StartupFinder())
