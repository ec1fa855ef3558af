from collections import Counter

import numpy as np
import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401


def test_every_expression_is_drawn_alike():
    transform = TRANSFORMS.build(dict(type='DrawExpression'))
    texts = ['a', 'b', 'c']
    drawn = Counter(
        transform(dict(expressions=texts))['expression'] for _ in range(3000)
    )
    assert set(drawn) == set(texts)
    assert max(drawn.values()) < 1.15 * min(drawn.values())


def test_the_draw_depends_on_numpy_s_generator_alone():
    transform = TRANSFORMS.build(dict(type='DrawExpression'))
    drawn = []
    for _ in range(2):
        np.random.seed(5)
        draw = [transform(dict(expressions='abcdefgh'))['expression'] for _ in 'x' * 20]
        drawn.append(draw)
    assert drawn[0] == drawn[1] and len(set(drawn[0])) > 3


@pytest.mark.parametrize('results', [dict(img_path='p.jpg'), dict(expressions=[])])
def test_nothing_to_draw_from(results):
    with pytest.raises(ValueError, match='drawing one needs at least one'):
        TRANSFORMS.build(dict(type='DrawExpression'))(results)
