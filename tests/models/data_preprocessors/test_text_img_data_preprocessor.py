import pytest
from mmengine.structures import BaseDataElement

from tests.models.data_preprocessors.text_case import (
    check_missing,
    check_oracle,
    check_texts,
)

NAME = 'TextImgDataPreprocessor'


@pytest.mark.parametrize('training', [True, False])
def test_every_picture_gets_its_text(training):
    check_texts(NAME, BaseDataElement, training)


def test_a_missing_text_is_refused():
    check_missing(NAME, BaseDataElement)


def test_texts_of_annotations_are_read_on_request(monkeypatch):
    check_oracle(NAME, BaseDataElement, monkeypatch)
