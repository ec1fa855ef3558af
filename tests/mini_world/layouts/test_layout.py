import json

import numpy as np
import pytest

from diffmm.mini_world import stylize
from diffmm.mini_world.layouts.layout import Layout, SceneFiles


class NumberLayout(Layout):
    """Writes the number of the scene; summarizes their sum."""

    top_entries = ('numbers', 'sum.txt')

    def scene_files(self, rendered, split, index):
        files = {f'numbers/{split}/{index}.txt': str(index).encode()}
        return SceneFiles(files, dict(number=index))

    def summary_files(self, records):
        total = sum(record['number'] for rows in records.values() for record in rows)
        return {'sum.txt': str(total).encode()}


@pytest.fixture
def layout(tmp_path):
    layout = NumberLayout(tmp_path)
    layout.prepare()
    return layout


def test_a_scene_is_complete_when_its_record_and_files_are_there(layout, tmp_path):
    assert not layout.is_complete('train', 3)
    layout.write(None, 'train', 3)
    assert layout.is_complete('train', 3) and not layout.is_complete('val', 3)
    record = json.loads(layout.record_file('train', 3).read_text())
    assert record == dict(files=['numbers/train/3.txt'], number=3)


@pytest.mark.parametrize('damage', ['remove', 'empty'])
@pytest.mark.parametrize('name', ['numbers/val/1.txt', 'records/val/00000001.json'])
def test_a_missing_or_empty_file_makes_the_scene_incomplete(
    layout, tmp_path, name, damage
):
    layout.write(None, 'val', 1)
    path = tmp_path / name
    path.unlink() if damage == 'remove' else path.write_bytes(b'')
    assert not layout.is_complete('val', 1)


def test_a_damaged_record_makes_the_scene_incomplete(layout):
    layout.write(None, 'val', 1)
    path = layout.record_file('val', 1)
    path.write_bytes(path.read_bytes()[:-4])
    assert not layout.is_complete('val', 1)


def test_the_record_comes_last(layout, tmp_path, monkeypatch):
    names = []
    monkeypatch.setattr(
        'diffmm.mini_world.layouts.layout.write_atomically',
        lambda path, data: names.append(str(path.relative_to(tmp_path))),
    )
    layout.write(None, 'train', 0)
    assert names == ['numbers/train/0.txt', 'records/train/00000000.json']


def test_summaries_are_joined_from_the_records(layout, tmp_path):
    for split, count in (('train', 4), ('val', 3)):
        for index in range(count):
            layout.write(None, split, index)
    layout.write_summaries(dict(train=4, val=3))
    assert (tmp_path / 'sum.txt').read_text() == '9'


def test_a_summary_of_missing_scenes_is_an_error_and_writes_nothing(layout, tmp_path):
    layout.write(None, 'train', 0)
    with pytest.raises(FileNotFoundError, match='00000001.json'):
        layout.write_summaries(dict(train=2, val=0))
    assert not (tmp_path / 'sum.txt').exists()


def test_prepare_removes_what_killed_runs_left_and_nothing_else(layout, tmp_path):
    layout.write(None, 'train', 0)
    (tmp_path / 'other').mkdir()
    left = ['numbers/train/.1.txt.7.tmp', 'records/val/.a.json.7.tmp', '.sum.txt.7.tmp']
    kept = ['other/.mine.tmp', '.mine.tmp', 'numbers/train/0.txt']
    for name in [*left, *kept]:
        (tmp_path / name).write_text('half')
    layout.prepare()
    assert not any((tmp_path / name).exists() for name in left)
    assert all((tmp_path / name).exists() for name in kept)


def test_the_style_is_the_layouts_own_unless_given(tmp_path, render):
    class NightLayout(NumberLayout):
        default_style = 'night'

    rendered = render('ade20k', 'train', 0)
    night = NightLayout(tmp_path).picture(rendered)
    assert np.array_equal(night, stylize(rendered, 'night'))
    fog = NightLayout(tmp_path, 'fog')
    assert np.array_equal(fog.picture(rendered), stylize(rendered, 'fog'))
    assert np.array_equal(fog.styled(rendered).image, stylize(rendered, 'fog'))
    assert np.array_equal(NumberLayout(tmp_path).picture(rendered), rendered.image)


def test_the_record_is_empty_unless_given():
    first, second = SceneFiles({'a': b'1'}), SceneFiles({})
    assert first.record == {} and first.record is not second.record
    assert list(SceneFiles({'b': b'', 'a': b''}).files) == ['b', 'a']
