import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401

# The strings themselves are compared with the released ones in test_parity_tadp.py.


def test_a_caption_keeps_its_braces():
    texts = {}
    for modifier in ('null', 'simple'):
        config = dict(type='TargetDomainText', domain='fog', modifier=modifier)
        results = TRANSFORMS.build(config)(dict(caption='{a} car', img_path='a.jpg'))
        texts[modifier] = results.pop('caption')
        assert results == dict(img_path='a.jpg')
    assert texts == dict(null='{a} car', simple='a foggy photo of a {a} car')


@pytest.mark.parametrize(
    'options, message',
    [
        (
            dict(domain='snow', modifier='simple'),
            "domain must be one of .*'comic'.*got 'snow'",
        ),
        (dict(domain='night', modifier='none'), "one of .*'nearby'.*got 'none'"),
    ],
)
def test_unknown_domains_are_errors(options, message):
    with pytest.raises(ValueError, match=message):
        TRANSFORMS.build(dict(type='TargetDomainText', **options))


def test_it_needs_a_caption():
    transform = TRANSFORMS.build(
        dict(type='TargetDomainText', domain='night', modifier='simple')
    )
    with pytest.raises(KeyError, match='place it behind LoadCaption'):
        transform({})
