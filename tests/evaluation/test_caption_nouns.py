from __future__ import annotations

import pytest
from mmengine.registry import METRICS
from mmengine.structures import BaseDataElement

from diffmm.evaluation.caption_nouns import blind_list, score

NOUNS = ('box', 'car', 'person', 'tree')


def evaluate(*cases):
    metric = METRICS.build(dict(type='CaptionNouns', nouns=NOUNS))
    for truth, caption, style in cases:
        sample = BaseDataElement(metainfo=dict(captions=[truth], style=style))
        metric.process(dict(data_samples=[sample]), [dict(caption=caption)])
    return metric.evaluate(len(cases))


def test_plurals_count_and_order_and_repetition_do_not():
    truth = 'two people and a box on the grass'
    perfect = evaluate((truth, 'a box, a box and a person', 'day'))
    assert perfect == {'nouns/precision': 1.0, 'nouns/recall': 1.0}
    # "cars" is not in "carset", "boxes" is a box.
    found = evaluate((truth, 'a carset of boxes and a tree', 'day'))
    assert found == {'nouns/precision': 0.5, 'nouns/recall': 0.5}


def test_pictures_are_pooled_and_styles_apart():
    found = evaluate(
        ('a car and a tree', 'a car', 'day'),
        ('a box', 'a box, a car and a person', 'night'),
    )
    assert found['nouns/precision'] == pytest.approx(2 / 4)
    assert found['nouns/recall'] == pytest.approx(2 / 3)
    assert found['nouns/day_precision'] == 1 and found['nouns/day_recall'] == 0.5
    assert found['nouns/night_precision'] == pytest.approx(1 / 3)


def test_nothing_named():
    assert evaluate(('a car', 'hello', 'day'))['nouns/precision'] == 0
    assert score([]) == (0, 0)


def test_the_blind_list_is_that_of_the_commonest():
    pictures = [{'car', 'tree'}, {'car'}, {'box', 'car'}, {'box'}]
    assert blind_list(pictures, 2) == {'car', 'box'}
