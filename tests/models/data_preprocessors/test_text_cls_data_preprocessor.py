import pytest
from mmengine.registry import MODELS

from tests.models.data_preprocessors.text_case import (
    check_missing,
    check_oracle,
    check_texts,
)

structures = pytest.importorskip(
    'mmpretrain.structures', reason='mmpretrain is optional and not installed'
)
NAME = 'TextClsDataPreprocessor'


@pytest.mark.parametrize('training', [True, False])
def test_every_image_gets_its_text(training):
    check_texts(NAME, structures.DataSample, training)


def test_a_missing_text_is_refused():
    check_missing(NAME, structures.DataSample)


def test_texts_of_annotations_are_read_on_request(monkeypatch):
    check_oracle(NAME, structures.DataSample, monkeypatch)


def test_pictures_of_two_texts_are_not_mixed():
    config = dict(type=NAME, text_key='caption', num_classes=3)
    mixup = dict(augments=[dict(type='Mixup', alpha=1.0)])
    with pytest.raises(ValueError, match='two pictures, but each has a text'):
        MODELS.build(config | dict(batch_augments=mixup))
    MODELS.build(config | dict(batch_augments=None))
