from __future__ import annotations

import re
from pathlib import Path

import pytest

from diffmm.studies import Options, Study, StudyError, load_tables


@pytest.fixture
def study(tables, tmp_path):
    def make(table='1', kind='table', **options):
        file = load_tables(tables)
        options = Options(tmp_path / 'work', **options)
        return Study(file, file.find(kind, table), options)

    return make


def test_a_run_for_each_config_row_and_seed(study):
    runs = study(mini=True, seeds=(0, 5)).runs
    assert [run.name for run in runs] == [
        'small_short_seed0',
        'small_short_two_seed0',
        'small_short_seed5',
        'small_short_two_seed5',
    ]
    assert [run.settings['model']['value'] for run in runs] == [1, 2, 1, 2]
    assert runs[3].settings['randomness'] == dict(seed=5)
    labels = [measure.label for measure in runs[0].measures]
    assert labels == ['mIoU@0.5', 'mIoU']


def test_full_size_configs_keep_their_schedule(study):
    one, two = study().runs
    assert (one.name, two.name) == ('big_seed0', 'big_two_seed0')
    assert one.settings['size'] == 8


def test_rows_of_one_run_share_it(study):
    plain, random = study('weights', mini=True).runs
    assert plain.name == 'small_seed0' and random.name == 'small_random_seed0'
    labels = [measure.label for measure in plain.measures]
    assert labels == ['mIoU', 'more/mIoU']
    assert plain.tests['more']['model']['value'] == 100
    backbone = random.settings['model']['backbone']
    assert backbone == dict(pretrained='pretrained/mini-random')


def test_other_weights_and_settings_of_all_runs(study):
    options = dict(weights='my/weights', overrides=dict(train_cfg=dict(max_iters=2)))
    plain, random = study('weights', mini=True, **options).runs
    assert plain.settings['model']['backbone']['pretrained'] == 'my/weights'
    found = random.settings['model']['backbone']['pretrained']
    assert re.fullmatch(r'pretrained/weights-random-\w{6}', found)
    assert plain.length == random.length == 2


def test_data_elsewhere_is_not_another_run(study, tmp_path):
    here, there = study(mini=True), study(mini=True, data=Path('/there'))
    assert here.runs[0].hash == there.runs[0].hash
    assert there.runs[0].place('data/mini_ade20k') == '/there/mini_ade20k'


def test_parts_of_a_table(study):
    part = study(mini=True, rows=['two'], metrics=['mIoU'])
    (run,) = part.runs
    assert [measure.label for measure in run.measures] == ['mIoU']


@pytest.mark.parametrize(
    'options, message',
    [
        (dict(rows=['six']), "table 1 has no row 'six', only: theirs, one, two"),
        (dict(metrics=['AP']), "no metric 'AP', only: mIoU, half, mIoU"),
        (dict(tasks=['COCO']), "no task 'COCO', only: ADE20K"),
    ],
)
def test_what_is_not_there_is_listed(study, options, message):
    with pytest.raises(StudyError, match=message):
        study(mini=True, **options)


def test_a_missing_sibling_is_named(study, tables):
    with pytest.raises(StudyError, match="'one': big has no mini sibling in .*tables"):
        study('3', 'figure', mini=True)
    (tables.parent / 'small.py').unlink()
    with pytest.raises(StudyError, match=r"row 'one': .*small\.py does not exist"):
        study(mini=True)


def test_two_rows_of_other_settings_need_two_names(study, tables):
    text = tables.read_text().replace(
        '{model: {value: 2}}', '{model: {value: 2}}, variant: x'
    )
    tables.write_text(text + '\n')
    same = text.replace('name: one, ADE20K: {', 'name: one, ADE20K: {variant: x, ')
    tables.write_text(same)
    with pytest.raises(StudyError, match='give one of them another variant'):
        study(mini=True)


def test_a_row_that_starts_from_another_config(study, tables):
    (tables.parent / 'first.py').write_text("_base_ = './small.py'\n")
    tables.write_text(
        tables.read_text().replace(
            'name: one, ADE20K: {config: big, mini: small',
            'name: one, ADE20K: {config: big, mini: small, '
            'after: {config: first, mini: first}',
        )
    )
    first, one, _ = study(mini=True).runs
    assert first.name == 'first_short_seed0' and one.before is first


def test_random_weights_of_one_name_are_told_apart(study):
    names = ('my/mini', 'other/mini', './mini', 'mini', None)
    found = [study('weights', mini=True, weights=name).random_weights for name in names]
    assert len(set(found)) == 4 and found[3] == found[4] == 'pretrained/mini-random'
    again = study('weights', mini=True, weights='my//mini/').random_weights
    assert again == found[0]


def test_reports_of_parts_have_folders_of_their_own(study):
    parts = [
        dict(),
        dict(rows=['two']),
        dict(metrics=['mIoU']),
        dict(tasks=['ADE20K']),
        dict(rows=['two'], metrics=['mIoU']),
    ]
    names = [study(mini=True, **part).folder.name for part in parts]
    assert names[0] == 'table_1_mini' and len(set(names)) == len(names)
    assert re.fullmatch(r'table_1_mini_part_two_\w{6}', names[1])


def test_a_test_may_have_a_config_of_its_own(study, tables):
    (tables.parent / 'other.py').write_text(
        "_base_ = './small.py'\nmodel = dict(classes=['cat'])\n"
    )
    change = 'more: {mini: other, model: {value: 7}}'
    text = tables.read_text().replace('more: {model: {value: 100}}', change)
    tables.write_text(text)
    (run, _) = study('weights', mini=True).runs
    assert run.settings['model'] == dict(value=1, backbone=dict(pretrained='mini'))
    found = run.tests['more']['model']
    assert found == dict(value=7, classes=['cat'], backbone=dict(pretrained='mini'))
