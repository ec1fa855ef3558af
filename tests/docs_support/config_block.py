"""Config blocks: Python blocks that only assign, as mmengine's configs do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import Registry, root

NAME = re.compile(r'#\s*(?P<name>[\w./-]+\.py)\s*$')
# Names that make a list of assignments an experiment config.
TOP_LEVEL = {'_base_', 'custom_imports', 'model', 'train_dataloader', 'optim_wrapper'}


def is_config(text: str) -> bool:
    """Tell whether a Python block is a config.

    Args:
        text: The block.

    Returns:
        True if it holds assignments only, one of them of a name that configs have.
    """
    nodes = ast.parse(text).body
    if not nodes or not all(isinstance(node, ast.Assign) for node in nodes):
        return False
    names = {getattr(target, 'id', None) for node in nodes for target in node.targets}
    return bool(names & TOP_LEVEL)


def config_name(text: str) -> str | None:
    """Read the file name from a first line such as ``# my_vpd.py``."""
    match = NAME.match(text.splitlines()[0])
    return match['name'] if match else None


def check_config(text: str, folder: Path, default: str) -> Path:
    """Write a config block to a file and read it as mmengine does.

    Args:
        text: The block. Its first line may name the file, relative to ``folder``.
        folder: Where to write it.
        default: File name for a block that names none.

    Returns:
        The file.

    Raises:
        KeyError: If the block names a type that no registry has.
    """
    path = folder / (config_name(text) or default)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding='utf-8')
    cfg = Config.fromfile(str(path))
    for kind in _types(ast.parse(text)):
        if not _registered(kind, cfg.get('default_scope', 'mmengine')):
            raise KeyError(f'{path.name}: no registry has a type {kind!r}')
    return path


def _types(tree: ast.AST) -> Iterator[str]:
    """Yield every literal ``type=...`` of a block, not those of its base files."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == 'type':
            if isinstance(node.value, ast.Constant):
                yield node.value.value


def _registered(kind: str, scope: str) -> bool:
    """Tell whether a host, or what it stands on, has a type."""
    for value in vars(root).values():
        if isinstance(value, Registry):
            with value.switch_scope_and_registry(scope) as registry:
                if registry.get(kind) is not None:
                    return True
    return False
