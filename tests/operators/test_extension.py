from __future__ import annotations

import inspect

import pytest

from diffmm.operators import COMPILE, name_python
from diffmm.operators.extension import REPLACEMENTS, MissingOperatorError


def test_a_missing_operator_names_itself_and_the_command(stand_in):
    with pytest.raises(MissingOperatorError) as error:
        stand_in.prroi_pool_forward(1, pooled_height=2)
    message = str(error.value)
    assert "'prroi_pool_forward'" in message and 'make ops' in message
    assert name_python(COMPILE) in message and 'MMCV_WITH_OPS=1' in message
    assert stand_in.missing_functions == {'prroi_pool_forward'}


def test_python_does_not_take_the_stand_in_for_more_than_it_is(stand_in):
    assert not hasattr(stand_in, '__path__')
    assert not hasattr(stand_in, '__all__')
    assert stand_in.missing_functions == set()


def test_collect_env_learns_that_nothing_was_compiled(stand_in):
    assert 'DiffMM' in stand_in.get_compiler_version()
    assert stand_in.get_compiling_cuda_version() == 'not available'


def test_signatures_are_those_of_the_compiled_functions(compiled):
    """pybind11 writes a signature into the first line of a docstring."""
    extension = pytest.importorskip('mmcv._ext')
    for name, function in REPLACEMENTS.items():
        signature = getattr(extension, name).__doc__.splitlines()[0]
        arguments = signature[signature.index('(') + 1 : signature.rindex(') ->')]
        names = [each.split(':')[0].strip() for each in arguments.split(', ')]
        assert list(inspect.signature(function).parameters) == names
