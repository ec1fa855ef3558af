import sys
from types import ModuleType

import pytest

from diffmm.environment.mmpretrain_import import leave_out_multimodal_models


@pytest.mark.parametrize('names', [[], ['find_pruneable_heads_and_indices']])
def test_models_are_left_out_where_transformers_lacks_a_function(names, monkeypatch):
    dependency = ModuleType('mmpretrain.utils.dependency')
    dependency.WITH_MULTIMODAL = True
    modeling = ModuleType('transformers.modeling_utils')
    for name in names:
        setattr(modeling, name, None)
    for module in (dependency, modeling):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for parent in ('mmpretrain', 'mmpretrain.utils'):
        monkeypatch.setitem(sys.modules, parent, ModuleType(parent))
    leave_out_multimodal_models()
    assert dependency.WITH_MULTIMODAL is bool(names)
