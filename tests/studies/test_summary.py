from __future__ import annotations

import json
from dataclasses import replace

import pytest

from diffmm.studies import (
    Options,
    Study,
    StudyError,
    load_tables,
    read_constants,
    summarize,
    write_report,
)
from diffmm.studies.summary import heading
from tests.studies.conftest import note


def test_figures_without_seeds(study):
    note(study)
    constants = {('one', 'ADE20K', 'mIoU'): 7.0}
    _, last = summarize(study, constants)['columns']
    one = study.cells[1]
    assert last['rows'][0] == dict(row='one', mean=7.0, hash=study.hash_of(one))
    assert read_constants(study) == {}
    write_report(study, constants)
    assert read_constants(study) == constants


def test_figures_without_seeds_of_other_settings_are_not_read(study, tables, tmp_path):
    write_report(study, {('one', 'ADE20K', 'mIoU'): 7.0})
    overrides = dict(model=dict(value=9))
    options = Options(tmp_path / 'work', mini=True, overrides=overrides)
    assert read_constants(Study(study.file, study.table, options)) == {}


def test_a_part_of_a_table_leaves_its_report(study, tmp_path):
    note(study)
    whole = write_report(study, {}) / 'table.json'
    before = whole.read_text()
    options = Options(tmp_path / 'work', mini=True, rows=['two'], metrics=['mIoU'])
    part = Study(study.file, study.table, options)
    constants = {('two', 'ADE20K', 'mIoU'): 3.0}
    assert write_report(part, constants) != whole.parent
    assert whole.read_text() == before
    assert read_constants(study) == constants, 'what a part measured counts for all'


def test_averages_of_tasks_by_seed(tables, tmp_path):
    task = '{metrics: {mIoU: {key: mIoU, digits: 1}}}'
    tables.write_text(
        f"""
tables:
  1:
    title: Three tasks
    tasks: {{a: {task}, b: {task}, c: {task}}}
    averages: {{a and b: [a, b], all: [a, b, c]}}
    rows:
      - name: whole
        a: {{mini: small}}
        b: {{mini: small, overrides: {{model: {{value: 2}}}}, variant: two}}
        c: {{mini: small}}
      - name: part
        a: {{mini: small}}
"""
    )
    file = load_tables(tables)
    options = Options(tmp_path / 'work', mini=True, seeds=(0, 1, 2))
    study = Study(file, file.find('table', '1'), options)
    note(study, {'small': [30, 31, 32], 'small_two': [10, 10, 13]}, seeds=(0, 1))
    columns = {column['task']: column for column in summarize(study, {})['columns']}
    (row,) = columns['a and b']['rows']
    assert row['values'] == {'0': 20, '1': 20.5} and row['row'] == 'whole'
    assert columns['all']['rows'][0]['values']['0'] == pytest.approx(70 / 3)
    with pytest.raises(StudyError, match="averages, d: 'd' is no task of the table"):
        tables.write_text(tables.read_text().replace('all: [a', 'd: [d'))
        load_tables(tables)


def test_nothing_measured_is_empty_but_names_every_run(study):
    summary = summarize(study, {})
    assert (summary['table'], summary['title'], summary['mini']) == (
        'table 1',
        'One and two',
        True,
    )
    assert summary['seeds'] == [0, 1, 2] and summary['gpus'] == {}
    assert summary['runs'] == {run.name: run.hash for run in study.runs}
    for column in summary['columns']:
        assert [row['row'] for row in column['rows']] == ['one', 'two']
        for row in column['rows']:
            assert (row['values'], row['mean'], row['std']) == ({}, None, 0.0)
        assert column['best'] == {}


def test_the_spread_is_over_n_minus_1_and_0_for_one_seed(study):
    note(study, seeds=(1,))
    assert summarize(study, {})['columns'][1]['rows'][0]['std'] == 0
    note(study, {'small_short': [1, 2, 4], 'small_short_two': [5, 5, 8]}, seeds=(0, 2))
    (study.runs[2].folder / 'run.json').unlink()
    (study.runs[3].folder / 'run.json').unlink()
    _, last = summarize(study, {})['columns']
    one, two = last['rows']
    assert one['values'] == {'0': 1, '2': 4} and one['mean'] == 2.5
    assert one['std'] == two['std'] == pytest.approx(4.5**0.5)
    assert one['config'] == 'small' and one['runs']['2'] == 'small_short_seed2'


@pytest.mark.parametrize(('lower', 'best'), [(False, 'random'), (True, 'plain')])
def test_the_best_is_the_highest_or_the_lowest(tables, tmp_path, lower, best):
    text = tables.read_text().replace(
        'metrics: {mIoU: {key: mIoU}}}\n    rows:\n      - {name: plain',
        f'metrics: {{mIoU: {{key: mIoU, lower: {str(lower).lower()}}}}}}}'
        '\n    rows:\n      - {name: plain',
    )
    tables.write_text(text)
    file = load_tables(tables)
    table = file.find('table', 'weights')
    study = Study(file, table, Options(tmp_path / 'work', mini=True))
    (column,) = summarize(study, {})['columns']
    assert column['best'] == {}
    note(study, {'small': [3], 'small_random': [5]}, seeds=(0,))
    (column,) = summarize(study, {})['columns']
    assert column['best'] == {'g': best}


def test_a_heading_begins_with_a_capital_and_keeps_the_others(study):
    assert heading(summarize(study, {})) == 'Table 1: One and two'
    study.table = replace(study.table, kind='figure', name='S1', title='été')
    assert heading(summarize(study, {})) == 'Figure S1: été'


def test_a_report_of_seeds_gives_no_constants(study):
    """Only what no seed changes is taken from an earlier report."""
    note(study)
    folder = write_report(study, {('two', 'ADE20K', 'mIoU, half'): 3.0})
    columns = json.loads((folder / 'table.json').read_text())['columns']
    assert len(columns[1]['rows']) == 2
    assert read_constants(study) == {('two', 'ADE20K', 'mIoU, half'): 3.0}
