"""The measurement of retrieval."""


def test_blocks_take_less_than_all_distances(load_tool, capsys):
    tool = load_tool('analysis_tools/benchmark_retrieval')
    config = 'vermouth_mini-expert_retrieval_1xb32-4e_mini-sketchy2-128x128'
    argv = [config, '--pictures', '4000', '--queries', '2000', '--batches', '1']
    tool.main(argv)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[2:]]
    speed, _, blocks, whole = (float(row[-1]) for row in rows)
    assert speed > 0 and whole == 92
    assert blocks < whole / 2
