from __future__ import annotations

import re

import pytest

from diffmm.apis.name_probe import SHIPPED


@pytest.mark.slow
def test_a_probe_beats_the_attention(load_tool, tmp_path, capsys):
    tool = load_tool('fit_name_probe')
    assert tool.parse_args([]).out == SHIPPED
    assert tool.parse_args(['--unseen', 'ball']).out is None
    out = tmp_path / 'probe.safetensors'
    options = ['--scenes', '40', '--val-scenes', '6', '--unseen', 'ball', 'house']
    tool.main([*options, '--out', str(out)])
    printed = capsys.readouterr().out
    probe, attention = map(float, re.findall(r'mIoU ([\d.]+)', printed))
    assert probe > attention and out.is_file()
    assert len(re.findall(r'of 14 seen [\d.]+, of 2 unseen', printed)) == 2
