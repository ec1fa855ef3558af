import pytest

from diffmm.apis.inference_config import checksum_of, load_config


def test_the_pipeline_may_stand_in_the_data_set_only(config_file, tmp_path):
    text = config_file.read_text().replace('test_pipeline', '_pipeline')
    path = tmp_path / 'other.py'
    path.write_text(text)
    steps = [step['type'] for step in load_config(path, None).test_pipeline]
    assert steps == ['LoadImageFromFile', 'LoadAnnotations', 'PackSegInputs']


@pytest.mark.parametrize(
    'name',
    [
        'marigold-v1-1_mini_depth_1xb16-300_mini-hypersim-vkitti2',
        'e2e-ft_mini_depth_1xb16-300_mini-hypersim-vkitti2',
        'instruct-pix2pix_mini_ris_1xb16-500_mini-refcoco-128x128',
        'instructcv_mini_generalist_1xb16-600_mini-nyu-ade20k-coco',
    ],
)
def test_a_generative_perceptor_needs_no_backbone(name):
    settings = load_config(name, None)
    assert 'backbone' not in settings.model and settings.test_pipeline


def test_overrides_come_before_the_checks(config_file):
    options = {'model.backbone.arch': 'sd15', 'model.test_cfg.mode': 'slide'}
    settings = load_config(config_file, options)
    assert settings.model.backbone.arch == 'sd15'
    assert settings.model.test_cfg.mode == 'slide'


def test_the_checksum_follows_what_a_prediction_depends_on(config_file):
    def checksum(**options):
        return checksum_of(load_config(config_file, options))

    assert checksum() == checksum(randomness=dict(seed=1))
    assert checksum() != checksum(**{'model.test_cfg.mode': 'slide'})
    assert checksum() != checksum(**{'test_pipeline.0.type': 'LoadImageFromNDArray'})


def test_what_is_no_training_config(tmp_path):
    with pytest.raises(FileNotFoundError, match='no/such.py'):
        load_config('no/such.py', None)
    path = tmp_path / 'some.py'
    path.write_text('a = 1')
    with pytest.raises(ValueError, match='some.py has no model.backbone'):
        load_config(path, None)
    path.write_text("model = dict(type='InstructPerceptor')")
    with pytest.raises(ValueError, match='some.py has no test_dataloader'):
        load_config(path, None)
