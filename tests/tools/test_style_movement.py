from __future__ import annotations

import json

import pytest

from diffmm.mini_world import STYLES
from tests.tools.tiny_generators import write_pipeline

NAME = 'analysis_tools/style_movement'


def test_tables_and_json(load_tool, tmp_path, capsys):
    folder, out = write_pipeline(tmp_path / 'model'), tmp_path / 'new' / 'styles.json'
    argv = ['--pretrained', str(folder), '--pictures', '2', '--scenes', '3']
    argv += ['--test-scenes', '2', '--size', '64', '--steps', '1', '--out', str(out)]
    tool = load_tool(NAME)
    tool.main(argv)
    table = capsys.readouterr().out
    assert 'PSNR of the VAE' in table and '\ncontrol' in table
    content = json.loads(out.read_text())
    assert set(content['psnr']) == set(content['accuracy']) == set(STYLES)
    assert all(0 < value < 40 for value in content['psnr'].values())
    # By day there is no phrase.
    assert set(content['shares']) == {'no phrase', 'control', *STYLES} - {'day'}
    for shares in content['shares'].values():
        assert sum(shares.values()) == pytest.approx(1)
    first = out.read_bytes()
    tool.main(argv)
    assert out.read_bytes() == first


@pytest.mark.parametrize(
    ('argv', 'message'),
    [
        (['--size', '100'], '--size must be a multiple of 8, got 100'),
        (['--pretrained', 'no/such/folder'], 'no/such/folder is no diffusers folder'),
    ],
)
def test_bad_input(load_tool, argv, message):
    with pytest.raises(SystemExit, match=message):
        load_tool(NAME).main(argv)
