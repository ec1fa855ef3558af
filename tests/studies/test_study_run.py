from __future__ import annotations

import os

import pytest

from diffmm.studies import StudyRun


def test_it_notes_the_last_validation_and_the_controls(tmp_path, scripts):
    run = StudyRun(
        tmp_path / 'a', 'value = 4', ('mIoU',), scripts, dict(wrong='value = 7')
    )
    assert run.name == 'a' and run.result is None
    assert run.complete(os.environ) == {'mIoU': 8, 'wrong/mIoU': -7}
    assert run.result == {'mIoU': 8, 'wrong/mIoU': -7}
    assert '--resume' in (tmp_path / 'a' / 'train.log').read_text()
    again = StudyRun(
        tmp_path / 'a', 'value = 4', ('mIoU',), scripts, dict(wrong='value = 7')
    )
    assert again.result == run.result


@pytest.mark.parametrize('config, control', [('value = 5', '1'), ('value = 4', '2')])
def test_other_settings_need_another_folder(tmp_path, scripts, config, control):
    StudyRun(tmp_path / 'a', 'value = 4', ('mIoU',), scripts, dict(wrong='1'))
    with pytest.raises(SystemExit, match='a run of other settings; name another'):
        StudyRun(tmp_path / 'a', config, ('mIoU',), scripts, dict(wrong=control))


def test_a_failure_names_the_log_and_leaves_no_result(tmp_path, scripts):
    run = StudyRun(tmp_path / 'a', 'fail = True', ('mIoU',), scripts)
    with pytest.raises(SystemExit, match=r'a run failed, see .*a/train\.log'):
        run.complete(os.environ)
    assert run.result is None


def test_a_run_that_was_stopped_before_its_validation_is_tested(tmp_path, scripts):
    config = 'value = 4\nstop = True'
    run = StudyRun(tmp_path / 'a', config, ('mIoU',), scripts)
    assert run.complete(os.environ) == {'mIoU': -4}
