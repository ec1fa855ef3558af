import json

from diffmm.mini_world.layouts.caption_file import caption_file, caption_record


def test_the_form_of_the_file(render):
    rendered = render('ade20k', 'train', 0)
    record = caption_record(rendered, 'a.jpg')
    other = dict(caption_key='b', captions=['x'], class_label=7, files=['y'])
    content = json.loads(caption_file(dict(train=[record], val=[other])))
    assert content == {
        'a.jpg': {'captions': rendered.scene.captions},
        'b': {'captions': ['x'], 'class_label': 7},
    }
    assert list(content) == ['a.jpg', 'b']
