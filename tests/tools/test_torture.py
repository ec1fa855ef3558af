from __future__ import annotations

import random

import pytest


@pytest.fixture(scope='module')
def inputs(load_tool):
    return load_tool('analysis_tools/torture').inputs


def test_no_damaged_input_is_read_in_silence(inputs, tmp_path):
    report = inputs.damage_inputs(40, seed=1, folder=tmp_path)
    assert report.failures == []
    rows = {name: numbers for name, *numbers in report.rows()}
    assert set(rows) == {*inputs.SUBJECTS, 'all'}
    # Most are refused; what is not, is as it was or another valid file.
    trials, refused, same, other, *failures = map(int, rows['all'])
    assert failures == [0, 0] and refused + same + other == trials >= 40
    assert refused > trials / 2
    again = inputs.damage_inputs(40, seed=1, folder=tmp_path / 'again')
    assert list(again.rows()) == list(report.rows())


def test_a_reader_that_says_nothing_is_found(inputs, tmp_path):
    """The tool itself sees silence, and errors without the name of the file."""
    (tmp_path / 'a.bin').write_bytes(bytes(100))
    for read, end in (
        (lambda folder: (folder / 'a.bin').read_bytes(), inputs.SILENT),
        (lambda folder: 1 / 0, inputs.UNCLEAR),
        (lambda folder: int('x'), inputs.UNCLEAR),
        (lambda folder: 7, inputs.SAME),
    ):
        subject = inputs.Subject(1, lambda folder: [], read, exact=True)
        expected = 7 if end is inputs.SAME else bytes(100)
        trial = inputs._try(
            tmp_path / 'a.bin', 'noise', subject, tmp_path, expected, random.Random(0)
        )
        assert trial[0] == end
        assert (tmp_path / 'a.bin').read_bytes() == bytes(100)


def test_hostile_pickles_are_counted(load_tool, tmp_path, capsys):
    tool = load_tool('analysis_tools/torture')
    out = tmp_path / 'tables.md'
    assert tool.main(['--parts', 'pickles', '--out', str(out)]) == 0
    assert (
        '|        20 |' in out.read_text() and 'FAILED' not in capsys.readouterr().out
    )


@pytest.mark.slow
def test_trainings_survive(load_tool, capsys):
    """Ten kills, a full disk, a second training, a killed loader."""
    tool = load_tool('analysis_tools/torture')
    parts = ['kills', 'disk', 'twins', 'worker']
    code = tool.main(['--parts', *parts, '--kills', '10'])
    output = capsys.readouterr().out
    assert code == 0, output
    for text in ('Make room', 'belongs to a training', 'is killed by signal'):
        assert text in output
