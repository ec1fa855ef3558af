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


def test_a_text_that_the_model_cannot_use_is_refused(config_file, checkpoint_file):
    predictor = ImagePredictor(config_file, checkpoint_file)
    with pytest.raises(ValueError, match="not prompted with a text.*'a cat'"):
        predictor.predict(IMAGE, 'a cat')


@pytest.fixture
def predictor(config_file, checkpoint_file):
    return ImagePredictor(config_file, checkpoint_file)


def test_pictures_of_several_sizes_are_batched_by_size_in_order(predictor, monkeypatch):
    shapes = [(64, 96), (64, 96), (64, 96), (70, 64), (64, 96)]
    pictures = [np.full((*shape, 3), 90, np.uint8) for shape in shapes]
    sizes, run = [], predictor.model.test_step
    monkeypatch.setattr(
        predictor.model,
        'test_step',
        lambda data: sizes.append(len(data['inputs'])) or run(data),
    )
    results = predictor(pictures, batch_size=2)
    assert sizes == [2, 1, 1, 1]
    assert [pixels.shape[:2] for pixels, _ in results] == shapes
    assert [sample.pred_sem_seg.shape for _, sample in results] == shapes


def test_a_folder_is_read_in_order_of_names(predictor, write_image, tmp_path, capsys):
    for name, height in (('b.png', 64), ('a.jpg', 80)):
        write_image(name, height, 64, 3)
    (tmp_path / 'note.txt').write_text('no image')
    results = predictor(tmp_path)
    assert [pixels.shape[0] for pixels, _ in results] == [80, 64]
    assert 'Inference' in capsys.readouterr().out
    pixels, _ = predictor(tmp_path / 'b.png')
    assert pixels.shape[0] == 64 and 'Inference' not in capsys.readouterr().out


def test_folders_and_lists_without_pictures(predictor, tmp_path):
    (tmp_path / 'empty').mkdir()
    with pytest.raises(ValueError, match='no image in .*empty'):
        predictor(tmp_path / 'empty')
    with pytest.raises(ValueError, match='no pictures: the list is empty'):
        predictor([])


def test_every_picture_is_checked(predictor):
    with pytest.raises(ValueError, match='channels come first'):
        predictor([IMAGE, np.zeros((3, 64, 96), np.uint8)])
    with pytest.raises(TypeError, match='got int'):
        predictor([[1, 2], [3, 4]][0])


def test_the_scale_of_the_pipeline_is_an_option(config_file, checkpoint_file):
    """The error of a picture that the pipeline makes too small names it."""
    step = "type='Resize', scale=(256, 64), keep_ratio=True"
    text = config_file.read_text().replace(
        "test_pipeline = [\n    dict(type='LoadImageFromFile'),",
        f"test_pipeline = [\n    dict(type='LoadImageFromFile'),\n    dict({step}),",
    )
    path = checkpoint_file.with_name('resized.py')
    path.write_text(text)
    picture = np.zeros((100, 850, 3), np.uint8)
    with pytest.raises(ValueError, match='30x256, by this.*Resize.* with cfg_options'):
        ImagePredictor(path, checkpoint_file).predict(picture)
    options = {'test_pipeline.1.scale': (850, 100)}
    larger = ImagePredictor(path, checkpoint_file, cfg_options=options)
    assert larger.predict(picture)[1].pred_sem_seg.shape == (100, 850)
