"""The text of a config, which mmengine writes into its log and every checkpoint."""

from __future__ import annotations

import functools
from typing import Any

from mmengine.config import config as config_module
from yapf.yapflib import yapf_api

# mmengine imports yapf's function with its module; the maintained fork does it anew for
# every text.
FORMATTER_OWNER = config_module if hasattr(config_module, 'FormatCode') else yapf_api


def format_configs_once() -> None:
    """Keeps mmengine from formatting the same config again and again.

    ``Config.pretty_text`` runs yapf, which takes one to three seconds for a config of
    DiffMM. mmengine asks for it several times before the first iteration and once for
    every checkpoint. May be called any number of times.
    """
    format_code = FORMATTER_OWNER.FormatCode
    if hasattr(format_code, '__wrapped__'):
        return
    # The last text alone: a process has one config at a time.
    last: dict[str, Any] = {}

    @functools.wraps(format_code)
    def format_once(text: str, **options: Any) -> Any:
        key = f'{options}\n{text}'
        if key not in last:
            formatted = format_code(text, **options)
            last.clear()
            last[key] = formatted
        return last[key]

    FORMATTER_OWNER.FormatCode = format_once
