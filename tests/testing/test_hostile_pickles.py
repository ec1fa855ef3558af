from __future__ import annotations

import os
import pickle

import pytest
import torch

from diffmm.apis import read_checkpoint
from diffmm.datasets.referring_annotations import read_plain_pickle
from diffmm.diffusion.weights import read_safely
from diffmm.testing.hostile_pickles import NAMES, as_checkpoint, hostile_pickle


@pytest.mark.parametrize('index', range(len(NAMES)), ids=NAMES)
def test_each_runs_code_where_nobody_looks_and_nowhere_else(tmp_path, index):
    marker, path = tmp_path / 'marker', tmp_path / 'model.pth'
    content = hostile_pickle(index, marker)
    for form in (content, as_checkpoint(content)):
        path.write_bytes(form)
        for read in (read_safely, read_checkpoint):
            with pytest.raises(ValueError, match='model.pth') as error:
                read(path)
            # What it asks for, and not how to run it all the same.
            assert NAMES[index] in str(error.value)
            assert 'weights_only' not in str(error.value)
            assert '\n' not in str(error.value)
    path.write_bytes(content)
    with pytest.raises(ValueError, match='model.pth'):
        read_plain_pickle(path)
    assert not os.path.lexists(marker)
    # It is no straw man.
    pickle.loads(content)
    assert os.path.lexists(marker)


def test_the_form_is_that_of_torch(tmp_path):
    (tmp_path / 'a.pth').write_bytes(as_checkpoint(pickle.dumps([1, 'x'], protocol=2)))
    assert torch.load(tmp_path / 'a.pth', weights_only=True) == [1, 'x']
