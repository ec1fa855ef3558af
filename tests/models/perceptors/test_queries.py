"""Questions of a generalist about a picture."""

from __future__ import annotations

import re

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
    sample.set_metainfo(dict(query_labels=()))
    assert masks.ask(sample) == []


@pytest.mark.parametrize('labels', [(3,), (-1, 1)])
def test_labels_that_are_no_classes(labels):
    meta = dict(query_labels=labels, img_path='a.jpg')
    named = re.escape(f'query_labels {labels} of a.jpg')
    with pytest.raises(ValueError, match=f'{named} are no labels of the 3 classes'):
        build(MASKS).ask(BaseDataElement(metainfo=meta))


def test_classes_have_to_be_known():
    with pytest.raises(ValueError, match='classes'):
        build(MASKS, classes=None)
