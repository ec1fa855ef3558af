from __future__ import annotations

import pytest
import torch
from mmengine.registry import MODELS
from PIL import Image

from diffmm.datasets.captioning import Captioner
from tests.datasets.captioning.tiny_captioners import MINI, SIZE
from tests.tools.tiny_generators import write_trained

NAME = 'model_converters/export_captioner'


@pytest.fixture
def trained(tmp_path):
    model = MODELS.build(MINI).eval()
    config, checkpoint = tmp_path / 'config.py', tmp_path / 'checkpoint.pth'
    config.write_text(f"default_scope = 'mmengine'\nmodel = {MINI!r}\n")
    torch.save(dict(state_dict=model.state_dict(), meta={}), checkpoint)
    return str(config), str(checkpoint), model


def test_checkpoint_becomes_a_captioner(load_tool, trained, tmp_path, capsys):
    config, checkpoint, model = trained
    out = tmp_path / 'out'
    load_tool(NAME).main([config, checkpoint, str(out)])
    assert f'{out}: 0.0 MB' in capsys.readouterr().out
    picture = Image.new('RGB', (SIZE, SIZE), (255, 0, 0))
    image = torch.tensor([1.0, -1.0, -1.0])[:, None, None].expand(3, SIZE, SIZE)
    written = Captioner(out, max_new_tokens=MINI['max_new_tokens'])([picture])
    assert written == model.write(image[None])
    with pytest.raises(SystemExit, match='exists; remove it or name another'):
        load_tool(NAME).main([config, checkpoint, str(out)])


def test_bad_input(load_tool, trained, tmp_path):
    config, _, _ = trained
    out = str(tmp_path / 'out')
    with pytest.raises(SystemExit, match='no checkpoint at .*gone.pth'):
        load_tool(NAME).main([config, str(tmp_path / 'gone.pth'), out])
    other, checkpoint, _ = write_trained(tmp_path, 'LatentAutoencoder')
    with pytest.raises(SystemExit, match='builds a LatentAutoencoder, no ImageCap'):
        load_tool(NAME).main([str(other), str(checkpoint), out])
