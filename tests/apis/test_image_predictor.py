import numpy as np
import pytest

from diffmm.apis import ImagePredictor

IMAGE = np.full((64, 96, 3), 90, np.uint8)


def test_the_hosts_prediction_has_the_size_of_the_image(config_file, checkpoint_file):
    predictor = ImagePredictor(config_file, checkpoint_file)
    pixels, prediction = predictor.predict(IMAGE)
    assert pixels is IMAGE
    assert prediction.pred_sem_seg.shape == (64, 96)
    assert predictor.checkpoint_meta['dataset_meta']['classes'][0] == 'heaven'


def test_annotations_are_not_looked_for(config_file, checkpoint_file):
    steps = ImagePredictor(config_file, checkpoint_file).pipeline.transforms
    names = [type(step).__name__ for step in steps]
    assert names == ['LoadImageFromNDArray', 'PackSegInputs']


def test_a_text_that_the_model_cannot_use_is_refused(config_file, checkpoint_file):
    predictor = ImagePredictor(config_file, checkpoint_file)
    with pytest.raises(ValueError, match="not prompted with a text.*'a cat'"):
        predictor.predict(IMAGE, 'a cat')
