"""Tests that host libraries are needed on use only."""

import sys

import pytest

import diffmm.apis

MODULES = ('diffmm.apis.segmentation',)


class NoMMSeg:
    """An import path finder for which mmsegmentation is not installed."""

    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] == 'mmseg':
            raise ModuleNotFoundError(f'No module named {name!r}', name='mmseg')


@pytest.fixture
def no_mmseg(monkeypatch):
    loaded = [name for name in sys.modules if name.partition('.')[0] == 'mmseg']
    for name in [*loaded, *MODULES]:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, 'meta_path', [NoMMSeg(), *sys.meta_path])


@pytest.mark.usefixtures('no_mmseg')
def test_missing_host_is_named_with_the_way_to_install_it():
    assert diffmm.apis.read_image

    with pytest.raises(ImportError, match='ImageSegmenter needs mmseg') as error:
        diffmm.apis.ImageSegmenter  # noqa: B018
    assert 'diffmm[seg]' in str(error.value)


@pytest.mark.usefixtures('no_mmseg')
def test_what_needs_no_host_is_there_without_it():
    assert diffmm.apis.FeatureExtractor and diffmm.apis.list_configs()


def test_every_public_name_is_there_again_and_again():
    for _ in range(2):
        for name in diffmm.apis.__all__:
            assert callable(getattr(diffmm.apis, name))


def test_unknown_name():
    assert 'get_backbone' in dir(diffmm.apis)
    with pytest.raises(AttributeError, match='nothing.*it has .*FeatureExtractor'):
        diffmm.apis.nothing  # noqa: B018
