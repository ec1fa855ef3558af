import pytest
from mmpose.structures import PoseDataSample

from tests.models.data_preprocessors.text_case import check_missing, check_texts

NAME = 'TextPoseDataPreprocessor'


@pytest.mark.parametrize('training', [True, False])
def test_every_image_gets_its_text(training):
    check_texts(NAME, PoseDataSample, training)


def test_a_missing_text_is_refused():
    check_missing(NAME, PoseDataSample)
