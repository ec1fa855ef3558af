from __future__ import annotations

import re

import pytest

from diffmm.apis import get_config, read_checkpoint, shipped
from diffmm.apis.shipped import REFERRING, SHIPPED, read_probe
from diffmm.diffusion import WeightsError


@pytest.mark.parametrize('name', SHIPPED)
def test_a_checkpoint_comes_with_the_package_and_its_config(name):
    assert SHIPPED[name].path.is_file()
    assert get_config(SHIPPED[name].config).model.type == 'InstructPerceptor'


def test_an_incomplete_installation_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, '_FOLDER', tmp_path)
    message = f"'mini-referring' names a .* none at {tmp_path}/mini-ref.* train "
    with pytest.raises(WeightsError, match=message + re.escape(REFERRING.config)):
        read_checkpoint('mini-referring')


@pytest.mark.parametrize('kind', ['depth', 'name'])
def test_a_missing_probe_names_its_tool(tmp_path, kind):
    path = tmp_path / 'probe.safetensors'
    with pytest.raises(FileNotFoundError, match=f'{path}.* tools/fit_{kind}_probe.py'):
        read_probe(path, kind)
