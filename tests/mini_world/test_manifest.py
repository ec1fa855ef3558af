import json
from dataclasses import replace

import pytest

from diffmm.mini_world.manifest import (
    FILE_NAME,
    GENERATOR_VERSION,
    Manifest,
)

MANIFEST = Manifest('ade20k', seed=3, size=64, num_train=5, num_val=2)


def test_round_trip(tmp_path):
    complete = replace(MANIFEST, status='complete')
    complete.write(tmp_path)
    assert Manifest.read(tmp_path) == complete
    content = json.loads((tmp_path / FILE_NAME).read_text())
    assert content['status'] == 'complete'
    assert content['generator_version'] == GENERATOR_VERSION


def test_a_folder_without_a_manifest(tmp_path):
    assert Manifest.read(tmp_path) is None


def test_status_is_no_setting():
    assert replace(MANIFEST, status='complete').settings == MANIFEST.settings
    assert MANIFEST.differences(replace(MANIFEST, seed=4, num_val=9)) == [
        'seed: 3 -> 4',
        'num_val: 2 -> 9',
    ]


@pytest.mark.parametrize('text', ['', '{"seed": 1', '[1]', '{"seed": 1}'])
def test_a_file_that_is_no_manifest(tmp_path, text):
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(ValueError, match='mini_world.json is not.*--overwrite'):
        Manifest.read(tmp_path)
