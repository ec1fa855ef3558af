"""Features of sketches and photos by timestep and stage."""

import pytest
import torch


@pytest.mark.parametrize(
    ('by', 'names'),
    [('timestep', ['0', '200']), ('stage', ['down', 'all'])],
)
def test_a_row_and_a_panel_for_each(
    by, names, load_tool, mini_worlds, tmp_path, capsys
):
    tool = load_tool('analysis_tools/feature_space')
    tool.TIMESTEPS = (0, 200)
    tool.STAGES = dict.fromkeys(('down', 'all'))
    out = tmp_path / 'figures' / 'space.png'
    argv = [str(mini_worlds / 'sketchy2'), '--by', by, '--size', '64']
    tool.main([*argv, '--pictures', '3', '--out-file', str(out)])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[2:-1]]
    found = [row[0] for row in rows]
    assert found == names
    assert all(0 <= float(row[-1]) <= 100 for row in rows)
    assert out.stat().st_size > 0


def test_agreement_is_that_of_the_nearest_photo(load_tool):
    tool = load_tool('analysis_tools/feature_space')
    vectors = torch.tensor([[1.0, 0.1], [0.1, 1.0], [1.0, 0.0], [0.0, 1.0]])
    queries = torch.tensor([True, True, False, False])
    assert tool.agreement(vectors, torch.tensor([0, 1, 0, 1]), queries) == 1
    assert tool.agreement(vectors, torch.tensor([0, 1, 0, 0]), queries) == 0.5


def test_kinds_that_are_far_from_each_other_agree_without_their_means(load_tool):
    tool = load_tool('analysis_tools/feature_space')
    vectors = torch.tensor([[1.0, 0.1], [0.1, 1.0], [1.0, 0.0], [0.0, 1.0]])
    queries = torch.tensor([True, True, False, False])
    moved = vectors + 10 * queries[:, None] * torch.tensor([0.0, 1.0])
    labels = torch.tensor([0, 1, 0, 1])
    assert tool.agreement(moved, labels, queries) == 0.5
    assert tool.agreement(tool.center(moved, queries), labels, queries) == 1
    assert tool.gap(moved, queries) > 10 > 1 > tool.gap(vectors, queries)
