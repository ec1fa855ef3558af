from __future__ import annotations

import pytest

from diffmm.utils.instructions import INSTRUCTIONS, TASKS, instruct
from tests.parity_instructcv import icv


def test_every_task_has_sentences_of_its_own():
    assert tuple(INSTRUCTIONS) == TASKS
    first_words = [{text.split()[0] for text in INSTRUCTIONS[t]} for t in TASKS[:3]]
    assert not set.intersection(*first_words)
    everything = [text for texts in INSTRUCTIONS.values() for text in texts]
    assert len(set(everything)) == len(everything)
    # Released lists have 42 to 319 lines but for classification, which has 6.
    released = dict(zip(('d', 's', 'depth', 'c'), icv('prompts.counts'), strict=True))
    assert len(INSTRUCTIONS['classification']) > released['c']
    assert min(len(INSTRUCTIONS[task]) for task in TASKS[:3]) > released['depth']


@pytest.mark.parametrize('task', TASKS)
def test_every_sentence_can_be_filled(task):
    for sentence in INSTRUCTIONS[task]:
        text = instruct(sentence, 'potted_plant', 'red', 'blue')
        assert '{' not in text and '  ' not in text and '_' not in text
        assert ('potted plant' in text) == (task != 'depth')
        assert ('red' in text.split() and 'blue' in text) == (task == 'classification')
        assert len(text.split()) <= 12
