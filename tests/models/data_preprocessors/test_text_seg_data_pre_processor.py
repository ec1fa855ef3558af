import pytest
from mmseg.structures import SegDataSample

from tests.models.data_preprocessors.text_case import (
    check_missing,
    check_oracle,
    check_texts,
)

NAME = 'TextSegDataPreProcessor'


@pytest.mark.parametrize('training', [True, False])
def test_every_image_gets_its_text(training):
    check_texts(NAME, SegDataSample, training, size=(32, 48))


def test_a_missing_text_is_refused():
    check_missing(NAME, SegDataSample)


def test_texts_of_annotations_are_no_texts_of_a_test(monkeypatch):
    check_oracle(NAME, SegDataSample, monkeypatch, size=(32, 48))
