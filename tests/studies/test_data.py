from __future__ import annotations

import pytest

from diffmm.studies import draw_data


def test_missing_scenes_are_drawn(tmp_path):
    for _ in range(2):
        draw_data(tmp_path, 'ade20k', num_train=2, num_val=1, size=64)
    assert len(list(tmp_path.rglob('images/*/*.jpg'))) == 3


def test_other_content_is_named_in_one_line(tmp_path):
    (tmp_path / 'holiday.jpg').touch()
    with pytest.raises(SystemExit, match=f'error: .*{tmp_path.name}'):
        draw_data(tmp_path, 'ade20k', num_train=2, num_val=1, size=64)
    (tmp_path / 'holiday.jpg').unlink()
    (tmp_path / 'mini_world.json').write_text('{}')
    with pytest.raises(SystemExit, match='error: .*is not a manifest'):
        draw_data(tmp_path, 'ade20k', num_train=2, num_val=1, size=64)
