from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from diffmm.studies import Entry, Metric, Row, StudyError, Table, Task


def table_of(*entries):
    rows = tuple(Row(str(i), dict(t=entry)) for i, entry in enumerate(entries))
    return Table('S1', 'figure', 'Title', dict(t=Task('t', ())), rows)


@pytest.mark.parametrize(
    ('key', 'is_cost'),
    [('flops', True), ('parameters', True), ('mIoU', False), ('', False)],
)
def test_costs_need_no_training(key, is_cost):
    """A figure that is only published has no key."""
    assert Metric('name', key).is_cost is is_cost


@pytest.mark.parametrize(
    ('entries', 'mini_only'),
    [
        ((), True),
        ((Entry(mini='a'), Entry(control='row depth', mini='a')), True),
        ((Entry(mini='a'), Entry(published=dict(mIoU=1.0))), True),
        ((Entry(mini='a'), Entry(config='b')), False),
    ],
)
def test_a_table_of_the_mini_world_has_no_full_size_config(entries, mini_only):
    assert table_of(*entries).is_mini_only() is mini_only


def test_a_table_is_called_by_its_kind_and_name():
    assert table_of().label == 'figure S1'


def test_entries_share_nothing_and_stay_as_they_are():
    first, second = Entry(), Entry()
    first.published['mIoU'] = 1.0
    assert second.published == {} and second.overrides == {}
    with pytest.raises(FrozenInstanceError):
        first.config = 'b'


def test_a_study_that_cannot_run_is_wrong_input():
    """So run_main says it on one line."""
    assert issubclass(StudyError, ValueError)
