from __future__ import annotations

import pytest
import yaml

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
        ('name: two', 'name: one', "table 1: two rows have the name 'one'"),
        (', at: 0.5', ', at: 50', "'mIoU, half': `at` is a share .*, not 50"),
        ('digits: 1', 'digits: -1', '`digits` is 0 or more, not -1'),
        ('ade20k}', 'ade20k, hue: red}', "data/mini_ade20k: unknown key 'hue'"),
        (
            'config: big}',
            'config: big, mini: small, after: {config: big}}',
            "'one', ADE20K, after: an entry lacks 'mini'",
        ),
        (
            'config: big}',
            'config: big, after: {config: big, main: x}}',
            "after: unknown key 'main'; known: config, mini",
        ),
    ],
)
def test_mistakes_are_named(tables, old, new, message):
    tables.write_text(tables.read_text().replace(old, new))
    with pytest.raises(StudyError, match=message):
        load_tables(tables)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(StudyError, match=r'tables\.yml does not exist'):
        load_tables(tmp_path / 'tables.yml')


ONE = ['tables', 1]
METRIC = [*ONE, 'tasks', 'ADE20K', 'metrics', 'mIoU']
ENTRY = [*ONE, 'rows', 1, 'ADE20K']
# The type of every place in a file; a figure is a number.
TYPES = [
    (dict, ['data']),
    (dict, ['data', 'data/mini_ade20k']),
    (str, ['data', 'data/mini_ade20k', 'layout']),
    (int, ['data', 'data/mini_ade20k', 'size']),
    (int, ['data', 'data/real', 'train']),
    (int, ['weights', 'pretrained/mini-5']),
    (dict, ['schedules']),
    (dict, ['schedules', 'short']),
    (dict, ['weights']),
    ((dict, type(None)), ['tables']),
    ((dict, type(None)), ['figures']),
    (dict, ONE),
    (str, [*ONE, 'title']),
    (dict, ['tables', 'weights', 'tests']),
    (dict, ['tables', 'weights', 'tests', 'more']),
    (dict, [*ONE, 'tasks']),
    (dict, [*ONE, 'tasks', 'ADE20K']),
    (dict, [*ONE, 'tasks', 'ADE20K', 'metrics']),
    (dict, METRIC),
    (str, [*METRIC, 'key']),
    (int, [*METRIC, 'digits']),
    ((int, float), [*METRIC, 'scale']),
    (bool, [*METRIC, 'tta']),
    (list, [*ONE, 'rows']),
    (dict, [*ONE, 'rows', 1]),
    (str, [*ONE, 'rows', 1, 'name']),
    (dict, ENTRY),
    ((str, type(None)), [*ENTRY, 'config']),
    (list, [*ENTRY, 'published']),
    ((int, float, type(None)), [*ENTRY, 'published', 0]),
    (dict, [*ENTRY, 'overrides']),
    ((dict, type(None)), [*ENTRY, 'after']),
]
WRONG = [
    pytest.param(place, value, id=f'{".".join(map(str, place))}={value}')
    for kind, place in TYPES
    for value in (None, True, 3.5, 'text', ['x'], {'x': 'y'})
    if not isinstance(value, kind)
]


@pytest.mark.parametrize('place, value', WRONG)
def test_a_wrong_type_is_one_error(tables, place, value):
    content = yaml.safe_load(tables.read_text())
    content['weights'] = {'pretrained/mini-5': 5}
    content['data']['data/real'] = {'train': 2, 'val': 1}
    part = content
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    tables.write_text(yaml.safe_dump(content, sort_keys=False))
    with pytest.raises(StudyError) as error:
        load_tables(tables)
    assert str(tables) in str(error.value) and '\n' not in str(error.value)


def test_no_task_is_one_error(tables):
    tables.write_text('tables: {1: {title: A, tasks: null, rows: []}}')
    with pytest.raises(StudyError, match=r'table 1, tasks: None is not a mapping'):
        load_tables(tables)


@pytest.mark.parametrize('text', ['[a]', 'text', '3', 'tables: {}'])
def test_a_file_of_something_else_is_refused(tables, text):
    tables.write_text(text)
    with pytest.raises(StudyError, match=r'tables\.yml'):
        load_tables(tables)
