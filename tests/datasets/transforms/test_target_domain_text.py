import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401

# The strings themselves are compared with the released ones in test_parity_tadp.py.


def test_a_caption_keeps_its_braces():
    transform = TRANSFORMS.build(dict(type='TargetDomainText', domain='fog'))
    results = transform(dict(caption='{a} car', img_path='a.jpg'))
    assert results == dict(caption='a foggy photo of a {a} car', img_path='a.jpg')


@pytest.mark.parametrize(
    'options, message',
    [
        (dict(domain='snow'), "domain must be one of .*'comic'.*got 'snow'"),
        (dict(domain='night', modifier='null'), "one of .*'nearby'.*got 'null'"),
    ],
)
def test_unknown_domains_are_errors(options, message):
    with pytest.raises(ValueError, match=message):
        TRANSFORMS.build(dict(type='TargetDomainText', **options))
