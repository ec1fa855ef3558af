from __future__ import annotations

import json
from dataclasses import replace

import pytest

from diffmm.studies import (
    Options,
    Study,
    format_published,
    load_tables,
    summarize,
    write_report,
)
from diffmm.studies.report import format_report
from tests.studies.conftest import note


def test_report_is_printed_and_kept(study, capsys):
    note(study)
    folder = write_report(study, {})
    text = (folder / 'table.md').read_text()
    assert text in capsys.readouterr().out
    assert '| one |   30.0 |   31.0 |   32.5 | 31.2 | 1.3 |' in text
    assert folder.name == 'table_1_mini'
    assert (folder / 'table.png').stat().st_size > 5000
    summary = json.loads((folder / 'table.json').read_text())
    half, last = summary['columns']
    assert (half['metric'], last['metric']) == ('mIoU, half', 'mIoU')
    one, two = last['rows']
    assert one['values'] == {'0': 30, '1': 31, '2': 32.5} and two['std'] == 0
    assert one['std'] == pytest.approx(1.2583, rel=1e-4)
    run = one['runs']['2']
    assert run == 'small_short_seed2' and len(summary['runs'][run]) == 12


def test_a_table_of_a_supplement_keeps_its_capital(study):
    study.table = replace(study.table, name='S1')
    assert format_report(study, summarize(study, {})).startswith('# Table S1: ')


def test_published_figures_are_a_table_of_their_own(study):
    note(study)
    write_report(study, {})
    ours, theirs = (study.folder / 'table.md').read_text().split('## Published')
    assert '50.5' in theirs and '50.5' not in ours
    assert '31.0' in ours and '31.0' not in theirs
    assert '80k' in theirs and 'theirs' not in ours


def test_released_figures_have_a_row_of_their_own(study, tables):
    tables.write_text(
        tables.read_text().replace('[40.5, 50.5]', '[40.5, 50.5], released: [null, 51]')
    )
    table = load_tables(tables).find('table', '1')
    lines = format_published(table).splitlines()
    assert [line.split('|')[1].strip() for line in lines[2:]] == [
        'theirs',
        'one',
        "one (released code's README)",
    ]


def test_what_is_missing_stays_empty(study):
    note(study, seeds=(1,))
    _, last = summarize(study, {})['columns']
    assert [row['mean'] for row in last['rows']] == [31, 10]
    text = (write_report(study, {}) / 'table.md').read_text()
    assert '| one |        |   31.0 |        | 31.0 |     |' in text


def test_nothing_measured_is_no_picture(study):
    folder = write_report(study, {})
    assert (folder / 'table.md').is_file() and not (folder / 'table.png').exists()


def test_the_best_row_of_each_group(tables, tmp_path):
    file = load_tables(tables)
    options = Options(tmp_path / 'work', mini=True)
    study = Study(file, file.find('table', 'weights'), options)
    for run, value in zip(study.runs, (3, 5), strict=True):
        run.folder.mkdir(parents=True)
        figures = {'mIoU': value, 'more/mIoU': value}
        record = dict(hash=run.hash, figures=figures, settings={})
        (run.folder / 'run.json').write_text(json.dumps(record))
    text = (write_report(study, {}) / 'table.md').read_text()
    assert 'Best of each: g: random, 5.00' in text


def test_another_number_of_gpus_is_said(study):
    note(study)
    assert 'GPUs' not in (write_report(study, {}) / 'table.md').read_text()
    run = study.runs[0]
    run.record.write(gpus=4)
    text = (write_report(study, {}) / 'table.md').read_text()
    assert 'small_short_seed0: 4 GPUs for the 1 of the recipe; the learning' in text
