from __future__ import annotations

from types import SimpleNamespace

import pytest
from mmengine.model import BaseTTAModel
from mmengine.runner.loops import BaseLoop

from diffmm.utils.text_check import check_texts


class Loop(BaseLoop):
    """A loop that does nothing."""

    def __init__(self, dataset):
        self.dataloader = SimpleNamespace(dataset=dataset)

    def run(self):
        """Does nothing."""


class Augmented(BaseTTAModel):
    """A model that is tested on several views."""

    def merge_preds(self, data_samples_list):
        """Does nothing."""


class Step:
    """A transform that refuses pictures of a name."""

    def __init__(self, refused):
        self.refused = refused

    def check_pictures(self, pictures):
        """Refuses them."""
        if self.refused in [each['img_path'] for each in pictures]:
            raise ValueError(f'no text: {self.refused}')


class Pictures(list):
    """A data set of names."""

    def __init__(self, *names, refused=''):
        super().__init__(names)
        self.pipeline = SimpleNamespace(transforms=[object(), Step(refused)])

    def get_data_info(self, index):
        """Knows the name of a picture, if it has one."""
        return dict(img_path=self[index]) if self[index] else {}


def run(train=None, val=None, test=None, **preprocessor):
    """A runner in ``before_run``: loops that are not needed are configs, or none."""
    loops = [
        dict(type='Loop') if dataset is None else Loop(dataset)
        for dataset in (train, val, test)
    ]
    model = SimpleNamespace(data_preprocessor=SimpleNamespace(**preprocessor))
    names = ('_train_loop', '_val_loop', '_test_loop')
    return SimpleNamespace(model=model, **dict(zip(names, loops, strict=True)))


@pytest.mark.parametrize('part', ['train', 'val', 'test'])
def test_the_pictures_of_every_loop_are_checked(part):
    check_texts(run(**{part: Pictures('a', 'b', '', refused='c')}))
    with pytest.raises(ValueError, match='no text: b'):
        check_texts(run(**{part: Pictures('a', 'b', refused='b')}))


def test_wrapped_data_sets():
    both = [Pictures('a', refused='b'), Pictures('b', refused='b')]
    joined = SimpleNamespace(datasets=both)
    repeated = SimpleNamespace(dataset=joined, pipeline=None)
    with pytest.raises(ValueError, match='no text: b'):
        check_texts(run(repeated))
    check_texts(run(SimpleNamespace(dataset=both[0])))


def test_data_sets_that_cannot_be_asked():
    check_texts(run([1, 2], val=SimpleNamespace(pipeline=Pictures('a').pipeline)))


def test_what_must_not_be_read_at_test():
    def refuse():
        raise ValueError('an oracle')

    check_texts(run(Pictures('a'), check_test=refuse))
    for part in ('val', 'test'):
        runner = run(**{part: Pictures('a')}, check_test=refuse)
        with pytest.raises(ValueError, match='an oracle'):
            check_texts(runner)
    # Behind test-time augmentation, too.
    augmented = Augmented.__new__(Augmented)
    object.__setattr__(augmented, 'module', runner.model)
    runner.model = augmented
    with pytest.raises(ValueError, match='an oracle'):
        check_texts(runner)
