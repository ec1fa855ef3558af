"""What a generalist is asked about a picture."""

from __future__ import annotations

import pytest
from mmengine.structures import BaseDataElement

from diffmm.models.perceptors.queries import Question
from tests.models.perceptors.queries_case import MASKS, build


def test_questions():
    masks = build(MASKS)
    sample = BaseDataElement()
    assert masks.ask(sample) == [
        Question(1, 'segment the sky'),
        Question(2, 'segment the car'),
    ]
    sample.set_metainfo(dict(query_labels=(0, 2)))
    assert [each.label for each in masks.ask(sample)] == [2]
    own = build(MASKS, sentence='paint {name}')
    assert own.ask(sample)[0].text == 'paint car'
    sample.set_metainfo(dict(query_labels=(3,)))
    with pytest.raises(ValueError, match=r'\(3,\).*no labels of the 3 classes'):
        masks.ask(sample)
