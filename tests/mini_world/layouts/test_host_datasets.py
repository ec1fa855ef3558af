import pytest

from diffmm.mini_world.layouts import LAYOUTS
from diffmm.mini_world.layouts.host_datasets import host_datasets

WITHOUT_HOST = {'kitti', 'sketchy', 'tu_berlin', 'coop', 'image_caption'}


def test_every_layout_with_a_host_has_a_config(tmp_path):
    names = {name.split()[0] for name in host_datasets(tmp_path)}
    assert names | WITHOUT_HOST == set(LAYOUTS) and not names & WITHOUT_HOST


@pytest.mark.parametrize('name', host_datasets('world'))
def test_samples_can_be_loaded(host_dataset, name):
    data = host_dataset(name)
    assert len(data) > 2
    sample = data[0]
    assert sample['inputs'].shape == (3, 96, 96)
    assert sample['data_samples']
