"""The result of a personalization is written once, where nothing is lost."""

from types import SimpleNamespace

import pytest
from torch import nn

from diffmm.engine.hooks.write_result_hook import WriteResultHook


class Learner(nn.Module):
    def write_result(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'word.txt').write_text('<dusk>')
        return folder / 'word.txt'


def runner(rank=0):
    return SimpleNamespace(model=Learner(), rank=rank, logger='current')


def test_the_main_process_writes(tmp_path):
    hook = WriteResultHook(tmp_path / 'night')
    hook.before_train(runner())
    hook.after_train(runner(rank=1))
    assert not (tmp_path / 'night').exists()
    hook.after_train(runner())
    assert (tmp_path / 'night' / 'word.txt').read_text() == '<dusk>'
    # A word may be learned again.
    hook.before_train(runner())


def test_a_whole_model_is_not_replaced(tmp_path):
    (tmp_path / 'model_index.json').write_text('{}')
    with pytest.raises(FileExistsError, match='holds a model already'):
        WriteResultHook(tmp_path).before_train(runner())
