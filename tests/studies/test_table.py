from __future__ import annotations

import pytest

from diffmm.studies import StudyError, load_tables


def test_tables_and_figures_are_read(tables):
    file = load_tables(tables)
    assert [table.label for table in file.tables] == [
        'table 1',
        'table weights',
        'figure 3',
    ]
    table = file.find('table', '1')
    theirs, one, two = table.rows
    assert theirs.entries['ADE20K'].published == {'mIoU': 50}
    assert one.entries['ADE20K'].published == {'mIoU, half': 40.5, 'mIoU': 50.5}
    assert two.entries['ADE20K'].overrides == dict(model=dict(value=2))
    half, last = table.tasks['ADE20K'].metrics
    assert (half.at, last.at, half.is_cost) == (0.5, 1, False)
    assert not table.is_mini_only() and file.find('table', 'weights').is_mini_only()


def test_an_empty_file_is_refused(tables):
    tables.write_text('')
    with pytest.raises(StudyError, match=r'tables\.yml declares nothing'):
        load_tables(tables)


def test_what_is_not_declared_is_listed(tables):
    with pytest.raises(StudyError, match="no table '7', only: table 1, table weights"):
        load_tables(tables).find('table', '7')


@pytest.mark.parametrize(
    'old, new, message',
    [
        ('schedule: short', 'schedule: long', "'long' is not in schedules: .'short'"),
        ('test: more', 'test: less', "'less' is not in tests: .'more'"),
        ('[40.5, 50.5]', '[40.5]', r'published: \[40.5\] must have a figure for each'),
        ('group: g', 'grup: g', 'grup'),
        ('digits: 1', 'digit: 1', 'digit'),
        ('name: one, ADE20K:', 'name: one, ADE20k:', "'ADE20k' is no task .*: ADE20K"),
        ('name: one, ', '', "an entry lacks 'name'"),
        ('title: A curve', 'title: [', 'is no YAML: '),
    ],
)
def test_mistakes_are_named(tables, old, new, message):
    tables.write_text(tables.read_text().replace(old, new))
    with pytest.raises(StudyError, match=message):
        load_tables(tables)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(StudyError, match=r'tables\.yml does not exist'):
        load_tables(tmp_path / 'tables.yml')
