from __future__ import annotations

import numpy as np
import pytest
from mmengine.config import Config
from PIL import Image

from diffmm.apis import ImageSegmenter
from diffmm.utils.tool_config import build_runner


@pytest.fixture(scope='module')
def photos(tmp_path_factory):
    """Six photos of 100x80 and colored masks, side by side."""
    root = tmp_path_factory.mktemp('own') / '我的 照片'
    root.mkdir()
    rng = np.random.default_rng(0)
    colors = np.array([[0, 0, 0], [250, 0, 0], [0, 0, 250]], np.uint8)
    labels = np.repeat(np.arange(3), [20, 30, 30])[:, None].repeat(100, axis=1)
    for index in range(6):
        pixels = colors[labels] // 2 + rng.integers(0, 90, (80, 100, 3), np.uint8)
        Image.fromarray(pixels.astype(np.uint8)).save(root / f'{index}.jpg')
        Image.fromarray(colors[labels]).save(root / f'{index} mask.png')
    return root


def arguments(photos, config, *more):
    folders = ['--images', photos, '--masks', photos]
    classes = ['--classes', '红=250,0,0', '蓝=0,0,250']
    return [str(each) for each in (config, *folders, *classes, *more)]


def test_from_colored_masks_to_a_painted_picture(load_tool, photos, tmp_path, capsys):
    config = tmp_path / 'my config.py'
    load_tool('new_experiment').main(
        arguments(photos, config, '--prompt-words', 'ball', 'car')
    )
    output = capsys.readouterr().out
    assert 'written: ' in output and '250,0,0' in output
    # Black has no class; its quarter of the pixels is not trained.
    renumbered = tmp_path / 'my config_data' / 'masks_train'
    found = {int(v) for path in renumbered.glob('*.png')
             for v in np.unique(np.asarray(Image.open(path)))}  # fmt: skip
    assert found == {0, 1, 255}
    cfg = Config.fromfile(config)
    cfg.train_cfg.update(max_iters=1, val_interval=1)
    cfg.train_dataloader.update(batch_size=2, num_workers=0, persistent_workers=False)
    cfg.val_dataloader.update(num_workers=0, persistent_workers=False)
    cfg.custom_hooks = [dict(type='FeatureContractHook')]
    cfg.work_dir = str(tmp_path / 'work')
    cfg.log_level = 'ERROR'
    build_runner(cfg).train()
    segmenter = ImageSegmenter(config, tmp_path / 'work' / 'iter_1.pth')
    segmented = segmenter(photos / '0.jpg')
    assert segmented.classes == ('红', '蓝') and segmented.painted_names == ('0', '1')
    assert list(map(list, segmented.palette)) == [[250, 0, 0], [0, 0, 250]]


@pytest.mark.parametrize(
    ('more', 'message'),
    [
        (['--system', 'marigold'], '--system marigold takes --depth'),
        (['--val-share', '2'], '--val-share must be between 0 and 1, got 2'),
        (['--val-images', 'x'], '--val-images and --val-masks go together'),
        (['--val-coco', 'x'], '--val-coco does not go with --masks'),
        (['--captions', 'x'], '--captions: --system vpd reads none'),
        (['--prompt-words', 'ball'], '1 words for 2 classes'),
    ],
)
def test_what_is_refused_leaves_no_config(
    load_tool, photos, tmp_path, capsys, more, message
):
    config = tmp_path / 'my.py'
    with pytest.raises(SystemExit) as stop:
        load_tool('new_experiment').main(arguments(photos, config, *more))
    error = capsys.readouterr().err
    assert stop.value.code == 2 and message in error and error.count('\n') == 1
    assert not config.exists()


def test_a_config_is_replaced_on_request_only(load_tool, photos, tmp_path, capsys):
    config = tmp_path / 'my.py'
    config.write_text('mine = 1\n')
    with pytest.raises(SystemExit):
        load_tool('new_experiment').main(arguments(photos, config))
    assert '--overwrite replaces it' in capsys.readouterr().err
    assert config.read_text() == 'mine = 1\n'
    load_tool('new_experiment').main(arguments(photos, config, '--overwrite'))
    assert config.read_text().startswith('# Made by: new_experiment.py')
