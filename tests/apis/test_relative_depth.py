import cv2
import numpy as np
import pytest

from diffmm.apis import RelativeDepthImage, RelativeDepthPredictor, get_config
from tests.untrained import write_untrained


@pytest.fixture
def result():
    depth = np.linspace(0, 1, 12 * 16, dtype=np.float32).reshape(12, 16)
    return RelativeDepthImage(np.zeros((12, 16, 3), np.uint8), depth, depth / 10)


def test_files(result, tmp_path):
    result.save_colored(tmp_path / 'new' / 'depth.png')
    colors = cv2.imread(str(tmp_path / 'new' / 'depth.png')).astype(int).sum(-1)
    assert colors[0, 0] > colors[-1, -1]
    result.save_uncertainty(tmp_path / 'uncertainty.png')
    colors = cv2.imread(str(tmp_path / 'uncertainty.png')).astype(int).sum(-1)
    assert colors[0, 0] < colors[-1, -1]
    result.save_png16(tmp_path / 'depth16.png')
    units = cv2.imread(str(tmp_path / 'depth16.png'), cv2.IMREAD_UNCHANGED)
    assert units.dtype == np.uint16 and units[0, 0] == 0 and units[-1, -1] == 65535
    np.testing.assert_allclose(units / 65535, result.depth, atol=1e-5)
    result.save_png16(tmp_path / 'depth16.png', 1000)
    assert cv2.imread(str(tmp_path / 'depth16.png'), -1).max() == 1000


def test_what_cannot_be_written(result, tmp_path):
    with pytest.raises(ValueError, match='more than 16 bits hold'):
        result.save_png16(tmp_path / 'depth.png', 70000)
    with pytest.raises(ValueError, match='name it .png'):
        result.save_png16(tmp_path / 'depth.jpg')
    single = RelativeDepthImage(result.image, result.depth)
    with pytest.raises(ValueError, match='no uncertainty'):
        single.save_uncertainty(tmp_path / 'uncertainty.png')


def test_one_step_takes_no_ensemble(tmp_path):
    base = get_config('e2e-ft_mini_depth_1xb16-300_mini-hypersim-vkitti2').filename
    model = write_untrained(tmp_path, f'_base_ = {base!r}')
    assert RelativeDepthPredictor(*model, ensemble=1).model.ensemble is None
    with pytest.raises(ValueError, match="every time: an ensemble of .*'size': 2"):
        RelativeDepthPredictor(*model, ensemble=2)
