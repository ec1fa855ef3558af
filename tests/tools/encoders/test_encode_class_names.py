"""What the tool writes is what a prompt would encode itself."""

import re

import pytest
import torch

from diffmm.diffusion import read_tensor
from tests import tiny


@pytest.fixture(scope='module')
def tool(load_tool):
    return load_tool('encoders/encode_class_names')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tiny.write_folder(tmp_path_factory.mktemp('weights'))


@pytest.fixture
def config(folder, tmp_path):
    """A config whose backbone starts from a tiny diffusers folder."""
    backbone = tiny.backbone_config(pretrained=str(folder))
    path = tmp_path / 'config.py'
    path.write_text(
        "default_scope = 'mmseg'\n"
        "custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)\n"
        f'model = dict(backbone={backbone!r})\n'
    )
    return path


@pytest.mark.parametrize('name', ['names.pth', 'new/names.safetensors'])
def test_file_holds_what_the_prompt_encodes(
    tool, name, config, folder, tmp_path, capsys
):
    out = tmp_path / name
    tool.main([str(out), '--config', str(config)])
    assert f'{len(tiny.CLASSES)} names' in capsys.readouterr().out
    encoded = tiny.build_backbone(pretrained=str(folder)).prompt.embeddings
    torch.testing.assert_close(read_tensor(out), encoded)
    prompt = tiny.backbone_config()['prompt'] | dict(embeddings=str(out))
    again = tiny.build_backbone(pretrained=str(folder), prompt=prompt)
    torch.testing.assert_close(again.prompt.embeddings, encoded)


def test_scenes_are_encoded_as_their_prompt_would(tool, folder, tmp_path, capsys):
    scenes = dict(type='SceneNamePrompt', classes=['kitchen', 'home_office'])
    backbone = tiny.backbone_config(pretrained=str(folder), prompt=scenes)
    config, out = tmp_path / 'config.py', tmp_path / 'scenes.pth'
    config.write_text(f'model = dict(backbone={backbone!r})\n')
    tool.main([str(out), '--config', str(config)])
    assert '80 template(s)' in capsys.readouterr().out
    encoded = tiny.build_backbone(pretrained=str(folder), prompt=scenes)
    torch.testing.assert_close(read_tensor(out), encoded.prompt.embeddings)


def test_options_win_over_the_config(tool, config, tmp_path, capsys):
    out = tmp_path / 'names.pth'
    options = ['--classes', 'sky', '--template', 'imagenet']
    tool.main([str(out), '--config', str(config), *options])
    assert read_tensor(out).shape[0] == 1
    assert '80 template(s)' in capsys.readouterr().out


@pytest.mark.parametrize(
    'arguments, message',
    [
        (('names.txt', '--classes', 'sky'), "must end in one of ('.pth', '.safetens"),
        (('names.pth', '--classes', 'sky'), 'no prior to encode with'),
    ],
)
def test_bad_arguments(tool, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=re.escape(message)):
        tool.main(list(arguments))
    assert not (tmp_path / arguments[0]).exists()
