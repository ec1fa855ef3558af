from __future__ import annotations

from diffmm.utils.result_lines import append_results, read_results


def test_the_last_result_of_a_name_counts(tmp_path):
    path = tmp_path / 'a.jsonl'
    assert read_results(path) == {}
    append_results(path, dict(a=1, b=[2]))
    append_results(path, dict(a='größer'))
    assert read_results(path) == dict(a='größer', b=[2])


def test_lines_that_were_not_written_whole_do_not_count(tmp_path):
    path = tmp_path / 'a.jsonl'
    append_results(path, dict(a=1))
    with path.open('a') as file:
        file.write('\0\0\0\n7\nno JSON\n["b", 2, 3]\n["c", 1')
    assert read_results(path) == dict(a=1)
    # What follows a line that was cut off begins on a line of its own.
    append_results(path, dict(d=4))
    assert read_results(path) == dict(a=1, d=4)
