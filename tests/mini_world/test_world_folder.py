import pytest

from diffmm.mini_world.generation import world_settings
from diffmm.mini_world.layouts import LAYOUTS
from diffmm.mini_world.manifest import Manifest
from diffmm.mini_world.world_folder import check_folder, clear_folder, prepare_folder


def test_new_and_empty_folders_and_the_same_world_are_fit(tmp_path):
    settings = world_settings('diode', 2, 2)
    for root in (tmp_path / 'new', tmp_path):
        check_folder(root, settings)
    prepare_folder(tmp_path / 'new', settings)
    assert Manifest.read(tmp_path / 'new') == settings
    check_folder(tmp_path / 'new', settings)


def test_other_content_is_not(tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(FileExistsError, match='file is a file; name a folder'):
        check_folder(tmp_path / 'file', world_settings())
    with pytest.raises(FileExistsError, match=r"1 entries, such as \['file'\]"):
        check_folder(tmp_path, world_settings())
    prepare_folder(tmp_path / 'world', world_settings('eth3d'))
    with pytest.raises(FileExistsError, match="layout: 'eth3d' -> 'diode'"):
        check_folder(tmp_path / 'world', world_settings('diode'))


@pytest.mark.parametrize('name', LAYOUTS)
def test_nothing_but_the_layout_is_cleared(tmp_path, name):
    prepare_folder(tmp_path, world_settings(name))
    for entry in LAYOUTS[name].top_entries:
        (tmp_path / entry).touch()
    (tmp_path / 'notes.txt').touch()
    clear_folder(tmp_path, name)
    assert [path.name for path in tmp_path.iterdir()] == ['notes.txt']
