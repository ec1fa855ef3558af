import inspect

from diffmm.swapping.signature import parameters_of


class Base:
    def __init__(self, a, b=1, **kwargs):
        pass


class Derived(Base):
    def __init__(self, c=2, b=3, **kwargs):
        super().__init__(**kwargs)


def test_joins_the_constructors_of_all_bases():
    found = parameters_of(Derived)
    assert found['a'] is inspect.Parameter.empty
    assert (found['b'], found['c']) == (3, 2), 'the derived default counts'


def test_nothing_has_no_arguments():
    assert parameters_of(None) == {}
