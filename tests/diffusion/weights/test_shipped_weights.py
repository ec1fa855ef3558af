import pytest

from diffmm.diffusion.weights import SHIPPED, WeightsError, open_prior, shipped_folder
from tests import tiny

MODULE = 'diffmm.diffusion.weights.shipped_weights'


def test_a_package_without_the_weights_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(f'{MODULE}._FOLDER', tmp_path)
    with pytest.raises(WeightsError, match="pretrained='mini' names weights that"):
        shipped_folder('mini')
    # Half of a folder is none.
    tiny.write_folder(tmp_path / 'mini')
    with pytest.raises(WeightsError, match='tools/pretrain_mini.py'):
        open_prior('mini')


def test_the_name_finds_them(tmp_path, monkeypatch):
    monkeypatch.setattr(f'{MODULE}._FOLDER', tmp_path)
    folder = tiny.write_folder(tmp_path / 'mini')
    (folder / 'model_index.json').write_text('{}')
    assert SHIPPED == ('mini',)
    assert shipped_folder('mini') == folder
    assert open_prior('mini').location == str(folder)


def test_a_local_folder_of_that_name_is_named_by_its_path(tmp_path, monkeypatch):
    tiny.write_folder(tmp_path / 'mini')
    monkeypatch.chdir(tmp_path)
    assert open_prior('./mini').location == 'mini'
