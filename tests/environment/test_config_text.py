from __future__ import annotations

from mmengine.config import Config
from mmengine.config import config as config_module
from yapf.yapflib.yapf_api import FormatCode

from diffmm.environment.config_text import format_configs_once


def test_a_config_is_formatted_once(monkeypatch):
    calls = []

    def format_code(text, **options):
        calls.append(text)
        return FormatCode(text, **options)

    monkeypatch.setattr(config_module, 'FormatCode', FormatCode)
    layers = [dict(size=index) for index in range(9)]
    cfg = Config(dict(model=dict(type='A', layers=layers)))
    expected = cfg.pretty_text
    monkeypatch.setattr(config_module, 'FormatCode', format_code)
    for _ in range(2):
        format_configs_once()
    assert [cfg.pretty_text for _ in range(3)] == [expected] * 3
    assert len(calls) == 1
    cfg.model.type = 'B'
    assert cfg.pretty_text == expected.replace("'A'", "'B'")
    assert len(calls) == 2
