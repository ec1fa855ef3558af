import json

import pytest

from diffmm.benchmark import MachineRate

CONFIG = """
custom_imports = dict(imports=['diffmm'])
backbone = dict(
    type='StableDiffusionBackbone', arch='mini', pretrained='not/here',
    prompt=dict(type='MetaPrompts', num_prompts=5))
"""


def test_it_prints_a_row_for_every_part(load_tool, tmp_path, capsys):
    config, out = tmp_path / 'config.py', tmp_path / 'results' / 'profile.json'
    config.write_text(CONFIG)
    tool = load_tool('analysis_tools/profile_operators')
    options = ['--size', '64', '64', '--repeats', '1', '--precisions', 'fp32']
    tool.main([str(config), *options, '--out', str(out)])
    printed = capsys.readouterr().out
    assert 'GFLOP/s of matrix products' in printed
    results = json.loads(out.read_text())
    assert [each['part'] for each in results] == [
        'image encoder',
        'UNet forward',
        'UNet training',
    ]
    for each in results:
        assert f'{each["part"]}  ' in printed
        assert each['bound'] > 0 and each['matrix'] > 0


@pytest.mark.parametrize('computed', [True, False])
def test_bfloat16_is_left_out_where_the_processor_lacks_it(
    load_tool, tmp_path, capsys, monkeypatch, computed
):
    config = tmp_path / 'config.py'
    config.write_text(CONFIG)
    tool = load_tool('analysis_tools/profile_operators')
    asked = []

    def profile(backbone, size, batch, precision, repeats):
        asked.append(precision)
        return MachineRate(1e9, 1e9), []

    monkeypatch.setattr(tool, 'computes_bfloat16', lambda: computed)
    monkeypatch.setattr(tool, 'profile_backbone', profile)
    tool.main([str(config)])
    assert asked == (['fp32', 'bf16'] if computed else ['fp32'])
    assert ('bf16 is left out' in capsys.readouterr().out) is not computed
    asked.clear()
    tool.main([str(config), '--precisions', 'bf16'])
    assert asked == ['bf16'] and 'left out' not in capsys.readouterr().out
