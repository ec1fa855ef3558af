from types import SimpleNamespace

import pytest

from diffmm.engine.hooks import ClassOrderHook
from diffmm.engine.hooks.class_order_hook import compare_names


def runner(texts, labels, place='head'):
    names = SimpleNamespace(names=texts, are_known=True)
    model = SimpleNamespace(**{place: SimpleNamespace(texts=names)})
    dataset = SimpleNamespace(metainfo=dict(classes=labels))
    loader = SimpleNamespace(dataset=dataset)
    return SimpleNamespace(
        model=model,
        train_dataloader=loader,
        val_dataloader=loader,
        test_dataloader=loader,
    )


@pytest.mark.parametrize('place', ['head', 'decode_head'])
@pytest.mark.parametrize('when', ['before_train', 'before_val', 'before_test'])
def test_every_loop_compares(when, place):
    hook = ClassOrderHook()
    getattr(hook, when)(runner(['cat', 'dog'], ['cat', 'dog'], place))
    with pytest.raises(ValueError, match="head's class 0 is 'dog', but the data set"):
        getattr(hook, when)(runner(['dog', 'cat'], ['cat', 'dog'], place))


def test_another_word_for_a_label_is_no_other_order():
    compare_names(['lamp', 'potted plant'], ['light', 'Potted_Plant'])


def test_caltech_has_a_hundred_classes_and_its_list_of_templates_one_more():
    with pytest.raises(ValueError, match='the head has 3 classes and the data set 2'):
        compare_names(['face', 'leopard', 'easy face'], ['face', 'leopard'])
