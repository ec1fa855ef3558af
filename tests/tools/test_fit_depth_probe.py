from __future__ import annotations

import re

from diffmm.apis.depth_probe import SHIPPED


def test_a_probe_beats_the_mean_of_each_row(load_tool, tmp_path, capsys):
    tool = load_tool('fit_depth_probe')
    assert tool.parse_args([]).out == SHIPPED
    out = tmp_path / 'probe.safetensors'
    tool.main(['--scenes', '40', '--val-scenes', '6', '--out', str(out)])
    printed = capsys.readouterr().out
    probe, rows = map(float, re.findall(r'AbsRel ([\d.]+)', printed))
    assert probe < rows and out.is_file()
