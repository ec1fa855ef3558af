"""The record of a run refuses a folder of another run."""

import json

import pytest

from diffmm.studies import StudyError
from diffmm.studies.launcher import Launcher
from diffmm.studies.run_record import RunRecord

SETTINGS = dict(model=dict(type='A', width=8), train_cfg=dict(max_iters=4))


@pytest.fixture
def record(tmp_path):
    return RunRecord(tmp_path, SETTINGS)


def test_notes_are_kept_beside_new_ones(record):
    assert record.read() == {}
    record.write(gpus=2)
    record.write(figures={'mIoU': 40.5})
    noted = json.loads(record.file.read_text())
    assert noted['gpus'] == 2 and noted['figures'] == {'mIoU': 40.5}
    assert noted['hash'] == record.hash
    record.check()


def test_other_settings_are_named(record, tmp_path):
    record.write()
    other = RunRecord(tmp_path, {**SETTINGS, 'model': dict(type='A', width=16)})
    with pytest.raises(StudyError, match='other settings.*width'):
        other.check()


def test_an_empty_folder_suits_every_run(record):
    record.check()
    assert not record.file.exists()


def test_other_gpus_are_named(record, tmp_path):
    record.write(gpus=4)
    launcher = Launcher(scripts=tmp_path, kind='pytorch', gpus=2)
    with pytest.raises(StudyError, match='a run on 4 GPUs, not 2: give --gpus 4'):
        record.check_gpus(launcher, recipe=2)


def test_fewer_gpus_need_a_batch_to_scale_from(record, tmp_path):
    launcher = Launcher(scripts=tmp_path, kind='pytorch', gpus=2)
    with pytest.raises(StudyError, match='no auto_scale_lr.base_batch_size'):
        record.check_gpus(launcher, recipe=8)
    record.check_gpus(launcher, recipe=2)
