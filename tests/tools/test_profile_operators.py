import json

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
