import pytest
from mmdet.structures import DetDataSample

from tests.models.data_preprocessors.text_case import check_missing, check_texts

NAME = 'TextDetDataPreprocessor'


@pytest.mark.parametrize('training', [True, False])
def test_every_image_gets_its_text(training):
    check_texts(NAME, DetDataSample, training)


def test_a_missing_text_is_refused():
    check_missing(NAME, DetDataSample)
