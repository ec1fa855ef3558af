import numpy as np

from diffmm.mini_world.classes import ADE20K_INDEX, MINI_CLASSES
from diffmm.mini_world.layouts.label_map import label_map


def test_every_class_gets_its_label(render):
    rendered = render('ade20k', 'train', 1)
    labels = {name: number for number, name in enumerate(MINI_CLASSES)}
    found = label_map(rendered, labels, 255)
    assert found.dtype == np.uint8
    index = np.array([ADE20K_INDEX[name] for name in MINI_CLASSES])
    assert np.array_equal(index[found], rendered.ade20k_index)


def test_other_classes_get_the_other_label(render):
    rendered = render('ade20k', 'train', 1)
    name = rendered.scene.objects[-1].name
    found = label_map(rendered, {name: 3}, 200)
    expected = np.where(rendered.ade20k_index == ADE20K_INDEX[name], 3, 200)
    assert np.array_equal(found, expected)
