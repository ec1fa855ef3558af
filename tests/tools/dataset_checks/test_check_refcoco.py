from __future__ import annotations

import re

import pytest

from tests.datasets.refer_folder import ONE_SQUARE, reference, write_folder


@pytest.fixture
def tool(load_tool):
    return load_tool('dataset_checks/check_refcoco')


def rows(output: str) -> dict[tuple[str, str], list[int]]:
    """Numbers of the table by data set and split."""
    pattern = re.compile(r'(\S+ \(\w+\)) +(\w+) +([\d ]+)')
    found = [pattern.fullmatch(line) for line in output.splitlines()]
    return {
        (match[1], match[2]): [int(number) for number in match[3].split()]
        for match in found
        if match
    }


def test_a_good_folder_is_counted(tool, tmp_path, capsys):
    long = 'the ' * 40
    write_folder(tmp_path, reference(1, 'a', long), reference(2, 'b', '', split='val'))
    write_folder(tmp_path, reference(2, long), name='refcocog', split_by='umd')
    tool.main([str(tmp_path), '--any-counts'])
    # References, sentences, pictures, empty, long, overlapping polygons.
    assert rows(capsys.readouterr().out) == {
        ('refcoco (unc)', 'train'): [1, 2, 1, 0, 1, 1],
        ('refcoco (unc)', 'val'): [1, 2, 1, 1, 0, 0],
        ('refcocog (umd)', 'train'): [1, 1, 1, 0, 0, 0],
    }


@pytest.mark.parametrize(('limit', 'expected'), [(7, 0), (6, 1)])
def test_begin_and_end_count_as_tokens(tool, tmp_path, capsys, limit, expected):
    write_folder(tmp_path, reference(1, 'the red ball there now'))
    tool.main([str(tmp_path), '--any-counts', '--num-tokens', str(limit)])
    assert rows(capsys.readouterr().out)['refcoco (unc)', 'train'][4] == expected


def test_other_counts_than_published_are_a_problem(tool, tmp_path, capsys):
    write_folder(tmp_path, reference(1, 'a'))
    with pytest.raises(SystemExit, match='12 problems in'):
        tool.main([str(tmp_path)])
    output = capsys.readouterr().out
    assert 'refcoco (unc) train: 1 references, published are 42404' in output
    assert 'refcoco (unc) testB: 0 sentences, published are 5095' in output


@pytest.mark.parametrize(
    ('ref', 'changes', 'message'),
    [
        (dict(ann_id=9), {}, 'reference 101: reference 101 .* points to object 9'),
        (dict(image_id=9), {}, 'points to picture 9'),
        ({}, dict(segmentation=[[1, 2, 3, 4]]), 'three points or more'),
        ({}, dict(segmentation=[[1, 1, 1, 1, 1, 1]]), 'object 1 has no pixel'),
    ],
)
def test_problems_are_shown_with_their_reference(
    tool, tmp_path, capsys, ref, changes, message
):
    write_folder(tmp_path, reference(1, 'a', **ref), reference(2, 'b'), **changes)
    with pytest.raises(SystemExit, match='1 problems in .*, 1 shown'):
        tool.main([str(tmp_path), '--any-counts'])
    assert re.search(message, capsys.readouterr().out)


def test_a_missing_picture(tool, tmp_path, capsys):
    write_folder(tmp_path, reference(1, 'a'), segmentation=ONE_SQUARE)
    with pytest.raises(SystemExit, match='1 problems'):
        tool.main([str(tmp_path), '--any-counts', '--images', 'elsewhere'])
    assert 'elsewhere/a.jpg does not exist; docs/refcoco.md' in capsys.readouterr().out


def test_bad_arguments(tool, tmp_path):
    with pytest.raises(SystemExit, match=r'holds none of refcoco, .*docs/refcoco.md'):
        tool.main([str(tmp_path)])
    write_folder(tmp_path, reference(1, 'a'))
    with pytest.raises(SystemExit, match=r'gref holds no refs\(\*\).p'):
        tool.main([str(tmp_path), '--datasets', 'gref'])
    with pytest.raises(SystemExit, match='--num-tokens must be 3 or more, got 2'):
        tool.main([str(tmp_path), '--num-tokens', '2'])
    (tmp_path / 'refcoco' / 'refs(unc).p').write_bytes(b'<html>')
    with pytest.raises(SystemExit, match=r'refs\(unc\).p is damaged'):
        tool.main([str(tmp_path)])


def test_published_counts_are_those_of_the_page(tool, repo_root):
    page = (repo_root / 'docs' / 'refcoco.md').read_text()
    pattern = r'\| (\S+) \((\w+)\) \| (\w+) \| (\d+) \| (?:(\d+) )?\| (\d+) \|'
    found: dict = {}
    for name, split_by, split, *numbers in re.findall(pattern, page):
        counts = tuple(int(number) if number else None for number in numbers)
        found.setdefault((name, split_by), {})[split] = counts
    assert found == tool.KNOWN


def test_published_counts_add_up(tool):
    """Totals that the papers give."""
    totals = {
        key: sum(counts[0] for counts in splits.values())
        for key, splits in tool.KNOWN.items()
    }
    assert totals['refcoco', 'unc'] == totals['refcoco', 'google'] == 50_000
    assert totals['refcoco+', 'unc'] == 49_856
    assert totals['refcocog', 'umd'] == totals['refcocog', 'google'] == 49_822
    sentences = {
        key: sum(counts[1] for counts in splits.values())
        for key, splits in tool.KNOWN.items()
        if None not in next(iter(splits.values()))
    }
    assert sentences['refcoco', 'unc'] == 142_210
    assert sentences['refcoco+', 'unc'] == 141_564
    assert sentences['refcocog', 'umd'] == sentences['refcocog', 'google'] == 95_010
