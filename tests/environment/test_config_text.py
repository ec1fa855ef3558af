from __future__ import annotations

import inspect

from mmengine.config import Config

from diffmm.environment.config_text import FORMATTER_OWNER, format_configs_once


def test_a_config_is_formatted_once(monkeypatch):
    plain = inspect.unwrap(FORMATTER_OWNER.FormatCode)
    calls = []

    def format_code(text, **options):
        calls.append(text)
        return plain(text, **options)

    monkeypatch.setattr(FORMATTER_OWNER, 'FormatCode', plain)
    layers = [dict(size=index) for index in range(9)]
    cfg = Config(dict(model=dict(type='A', layers=layers)))
    expected = cfg.pretty_text
    monkeypatch.setattr(FORMATTER_OWNER, 'FormatCode', format_code)
    for _ in range(2):
        format_configs_once()
    assert [cfg.pretty_text for _ in range(3)] == [expected] * 3
    assert len(calls) == 1
    cfg.model.type = 'B'
    assert cfg.pretty_text == expected.replace("'A'", "'B'")
    assert len(calls) == 2
