from __future__ import annotations

import pytest

from tests import tiny

CONFIG = 'marigold-v1-1_mini_depth_1xb16-300_mini-hypersim-vkitti2'


@pytest.fixture
def tool(load_tool):
    return load_tool('analysis_tools/benchmark_perceptor')


def test_both_steps_beside_those_of_diffusers(tool, tmp_path, repo_root, capsys):
    config = tmp_path / 'tiny.py'
    config.write_text(
        f'_base_ = {str(repo_root / "configs" / "addp" / f"{CONFIG}.py")!r}\n'
        f'model = dict(arch=dict(_delete_=True, **{tiny.ARCHITECTURE!r}))\n'
    )
    tool.main([str(config), '--size', '64', '--repeats', '2'])
    lines = capsys.readouterr().out.splitlines()[-4:]
    assert [line.rsplit(maxsplit=2)[0] for line in lines] == [
        'sampling, diffusers',
        'sampling, ours',
        'training, diffusers',
        'training, ours',
    ]
    ratios = [float(line.split()[-1]) for line in lines]
    assert ratios[0] == ratios[2] == 1 and min(ratios) > 0


def test_a_model_that_is_none(tool):
    with pytest.raises(SystemExit, match='builds no DiffusionPerceptor'):
        tool.main(['vpd_mini_fpn_1xb8-600_mini-ade20k-128x128'])
