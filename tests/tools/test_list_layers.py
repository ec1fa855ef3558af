"""The command that lists layers."""

import pytest


@pytest.fixture
def table(load_tool, capsys):
    tool = load_tool('analysis_tools/list_layers')

    def run(*arguments):
        tool.main([*map(str, arguments)])
        lines = capsys.readouterr().out.splitlines()
        return [line.split() for line in lines[2:]]

    return run


def test_shapes_of_stable_diffusion(table):
    rows = {row[0]: row[-1] for row in table('sd15')}
    assert len(rows) == 143
    assert rows['down_blocks.0'] == '320x32x32'
    assert rows['up_blocks.3.attentions.2'] == '320x64x64'
    attention = 'up_blocks.1.attentions.0.transformer_blocks.0'
    assert rows[f'{attention}.attn2.map'] == '77x16x16'
    assert rows[f'{attention}.attn1.map'] == '256x16x16'


def test_stages_of_another_size(table):
    rows = table('mini', '--stages', '--size', 100)
    assert len(rows) == 20
    assert [row[-1] for row in rows if row[0] == 'mid+up'] == [
        '96x13x13',
        '128x7x7',
        '128x4x4',
        '128x2x2',
    ]
