"""Configs that cost little: files are read once in a process, texts stay as they are.

A config has up to twenty bases, and most are those of a hundred other configs.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path

from mmengine.config import Config

from diffmm.environment.config_text import FORMATTER_OWNER

ROOT = Path(__file__).resolve().parents[1]
# Of mmengine's `Config._file2dict`, in their order.
OPTIONS = ('use_predefined_variables', 'use_environment_variables', 'lazy_import')


def cache_config_files() -> None:
    """Makes mmengine parse every shipped config file once.

    Tests write configs, too; those, and the hosts', are read as ever.
    """
    parse = Config._file2dict
    shipped = f'{ROOT / "configs"}/'

    @cache
    def parse_once(filename: str, options: tuple) -> tuple:
        return parse(filename, **dict(options))

    def file2dict(filename: str, *arguments: object, **options: object) -> tuple:
        path = str(Path(filename).resolve())
        options |= dict(zip(OPTIONS, arguments, strict=False))
        if not path.startswith(shipped):
            return parse(filename, **options)
        return deepcopy(parse_once(str(filename), tuple(sorted(options.items()))))

    Config._file2dict = staticmethod(file2dict)


def leave_config_texts_unformatted() -> None:
    """Keeps yapf from every config that a test writes or trains; it takes a second."""
    FORMATTER_OWNER.FormatCode = lambda text, **options: (text, True)
