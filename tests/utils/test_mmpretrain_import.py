import pytest

from diffmm.utils.mmpretrain_import import without_multimodal_models


def test_one_package_is_missing_for_a_while():
    metadata = pytest.importorskip('importlib_metadata')
    before = metadata.distribution
    with pytest.raises(metadata.PackageNotFoundError):
        with without_multimodal_models():
            assert metadata.distribution('torch').version
            metadata.distribution('pycocotools')
    assert metadata.distribution is before
