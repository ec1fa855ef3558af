import pytest

from diffmm.models.prompts import TEMPLATE_SETS
from diffmm.models.prompts.templates import resolve_templates


def test_names_of_template_sets():
    assert TEMPLATE_SETS == ('name', 'vpd', 'scene', 'imagenet')


@pytest.mark.parametrize(
    'template, sentences',
    [
        ('name', ('{}',)),
        ('vpd', ('a photo of a {}',)),
        ('a {} at night', ('a {} at night',)),
    ],
)
def test_one_sentence(template, sentences):
    assert resolve_templates(template) == sentences


def test_the_80_imagenet_templates():
    templates = resolve_templates('imagenet')
    assert len(templates) == len(set(templates)) == 80
    assert all(template.count('{}') == 1 for template in templates)
    assert 'a bad photo of a {}.' in templates


def test_the_14_templates_of_scenes():
    templates = resolve_templates('scene')
    assert len(templates) == len(set(templates)) == 14
    assert templates[0] == 'a photo of a {}.'
    assert 'There is a small {} in the scene.' in templates


@pytest.mark.parametrize('template', TEMPLATE_SETS)
def test_every_set_resolves(template):
    assert resolve_templates(template)


@pytest.mark.parametrize('template', ['imagnet', '', 'a photo of {name}', 'a {} on {}'])
def test_bad_templates_are_quoted(template):
    with pytest.raises(ValueError, match=f"template.* {template!r}.*'imagenet'"):
        resolve_templates(template)


def test_several_sentences():
    assert resolve_templates(['a {}', 'vpd']) == ('a {}', 'a photo of a {}')
    with pytest.raises(ValueError, match='got none'):
        resolve_templates([])
