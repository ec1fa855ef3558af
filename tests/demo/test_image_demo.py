"""Tests of the image demo."""

import importlib.util
import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmseg.apis import init_model
from PIL import Image

import diffmm  # noqa: F401  registers the backbone
from diffmm.apis import get_config
from tests.datasets.captioning.tiny_captioners import WORDS, write_mini
from tests.untrained import write_untrained

SCRIPT = Path(__file__).parents[2] / 'demo' / 'image_demo.py'
CONFIG = """
default_scope = 'mmseg'
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
model = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(
        type='SegDataPreProcessor', mean=[127.5] * 3, std=[127.5] * 3, bgr_to_rgb=True),
    backbone=dict(
        type='StableDiffusionBackbone',
        arch='mini',
        prompt=dict(type='ClassNamePrompt', classes=['cat', 'sky'])),
    decode_head=dict(
        type='FCNHead',
        in_channels=32,
        in_index=0,
        channels=8,
        num_convs=1,
        num_classes=2,
        out_channels=2,
        loss_decode=dict(type='CrossEntropyLoss')),
    test_cfg=dict(mode='whole'))
test_pipeline = [dict(type='LoadImageFromFile'), dict(type='PackSegInputs')]
"""


@pytest.fixture(scope='module')
def demo():
    spec = importlib.util.spec_from_file_location('image_demo', SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Return the paths of a config and of its checkpoint, which sees cats only."""
    folder = tmp_path_factory.mktemp('model')
    config, checkpoint = folder / 'config.py', folder / 'trained.pth'
    config.write_text(CONFIG)
    model = init_model(Config.fromfile(config), device='cpu')
    model.decode_head.conv_seg.bias.data.copy_(torch.tensor([1e4, 0]))
    meta = dict(classes=['cat', 'sky'], palette=[[255, 0, 0], [0, 0, 255]])
    torch.save(
        dict(state_dict=model.state_dict(), meta=dict(dataset_meta=meta)), checkpoint
    )
    return str(config), str(checkpoint)


@pytest.fixture
def image(tmp_path):
    path = tmp_path / 'gray.jpg'
    cv2.imwrite(str(path), np.full((70, 100), 100, np.uint8))
    return str(path)


def test_writes_the_overlay_and_prints_the_legend(
    demo, trained, image, tmp_path, capsys
):
    out = tmp_path / 'new' / 'overlay.png'

    demo.main([image, *trained, '--out-file', str(out), '--opacity', '0.5'])

    overlay = cv2.imread(str(out))
    assert overlay.shape == (6 * 70, 6 * 100, 3)
    assert np.abs(overlay[0, 0].astype(int) - [50, 50, 177]).max() <= 2
    printed = capsys.readouterr().out
    assert '100.00%  cat' in printed
    assert str(out) in printed


def test_default_file_lies_in_the_current_folder(
    demo, trained, image, tmp_path, monkeypatch
):
    folder = tmp_path / 'elsewhere'
    folder.mkdir()
    monkeypatch.chdir(folder)

    demo.main([image, *trained])

    assert [path.name for path in folder.iterdir()] == ['gray_segmented.png']


@pytest.mark.parametrize('missing', [0, 1, 2])
def test_missing_files(demo, trained, image, missing, capsys):
    arguments = [image, *trained]
    arguments[missing] = 'not/here'

    with pytest.raises(SystemExit, match='image_demo: no .* at not/here'):
        demo.main(arguments)


def test_small_image(demo, trained, tmp_path):
    path = tmp_path / 'dot.png'
    cv2.imwrite(str(path), np.zeros((8, 8, 3), np.uint8))

    with pytest.raises(SystemExit, match='64'):
        demo.main([str(path), *trained])


def test_a_folder_is_predicted_in_batches_and_continues(
    demo, trained, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / 'photos'
    folder.mkdir()
    for name, size in [('a.jpg', 70), ('a.png', 70), ('c.png', 70), ('d.png', 80)]:
        cv2.imwrite(str(folder / name), np.full((size, 100), 100, np.uint8))
    (folder / 'broken.jpg').write_bytes((folder / 'a.jpg').read_bytes()[:200])
    (folder / 'notes.txt').write_text('no picture')
    monkeypatch.chdir(tmp_path)
    argv = [str(folder), *trained, '--batch-size', '2']

    with pytest.raises(SystemExit, match='1 images failed') as ended:
        demo.main(argv)

    assert not isinstance(ended.value.code, int)
    out = tmp_path / 'photos_segmented'
    found = {path.name for path in out.glob('*.png')}
    assert found == {
        *('a.jpg_segmented.png', 'a.png_segmented.png'),
        *('c_segmented.png', 'd_segmented.png'),
    }
    said = capsys.readouterr()
    assert '4 pictures' in said.out and '5/5' in said.err
    assert re.search('failed: .*broken.jpg is not an intact image', said.out)
    # Whoever repeats the command is told what was left as it was.
    (folder / 'broken.jpg').unlink()
    (out / 'c_segmented.png').unlink()
    demo.main(argv)
    said = capsys.readouterr().out
    assert 'photos_segmented, 1 pictures' in said and 'as they were: 3 pictures' in said
    assert {path.name for path in out.glob('*.png')} == found
    demo.main([*argv, '--overwrite', '--out-dir', str(out)])
    assert 'photos_segmented, 4 pictures' in capsys.readouterr().out


def test_a_folder_of_another_checkpoint_or_config_is_noticed(
    demo, trained, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / 'photos'
    folder.mkdir()
    cv2.imwrite(str(folder / 'a.png'), np.full((70, 70), 100, np.uint8))
    monkeypatch.chdir(tmp_path)
    argv = [str(folder), *trained]
    demo.main(argv)

    # The same file names, with other weights: a training that went on.
    other = tmp_path / 'trained.pth'
    checkpoint = torch.load(trained[1])
    checkpoint['state_dict']['decode_head.conv_seg.bias'][0] = -1e4
    torch.save(checkpoint, other)
    changed = r'trained.pth \(\w{12}\)'
    with pytest.raises(SystemExit, match=f': checkpoint was {changed}, is {changed}. '):
        demo.main([str(folder), trained[0], str(other)])
    for option, change in (
        (['--opacity', '0.9'], r'opacity was 0\.5, is 0\.9'),
        (
            ['--cfg-options', 'model.data_preprocessor.bgr_to_rgb=False'],
            r'config was config.py \(\w{12}\), is config.py',
        ),
    ):
        with pytest.raises(SystemExit, match=f'image_demo: 1 results in .*{change}'):
            demo.main([*argv, *option])
    # Neither their folders nor what a prediction does not depend on count.
    moved = tmp_path / 'moved' / 'config.py'
    moved.parent.mkdir()
    moved.write_text(f'{CONFIG}train_cfg = dict(max_iters=3)\n')
    demo.main([str(folder), str(moved), trained[1]])
    assert 'as they were: 1 pictures' in capsys.readouterr().out


def test_the_images_of_a_folder_are_captioned(
    demo, train, tmp_path, monkeypatch, capsys
):
    text = TEXT.replace("'expression'", "'caption'")
    model = train('caption', text, classes=('background', 'referent'))
    captioner = write_mini(tmp_path / 'captioner')
    folder = tmp_path / 'photos'
    folder.mkdir()
    for name, gray in (('a.png', 0), ('b.png', 255)):
        cv2.imwrite(str(folder / name), np.full((70, 70), gray, np.uint8))
    (folder / 'broken.png').write_bytes(b'no picture')
    monkeypatch.chdir(tmp_path)
    automatic = ['--caption', 'auto', '--captioner', str(captioner)]
    argv = [str(folder), *model, *automatic]

    with pytest.raises(SystemExit, match='1 images failed'):
        demo.main(argv)

    said = capsys.readouterr().out
    assert 'captions.json, 2 written, 0 kept' in said
    assert re.search('failed: .*broken.png is not an intact image', said)
    (folder / 'broken.png').unlink()
    out = tmp_path / 'photos_segmented'
    # As of one picture.
    one = [str(folder / 'a.png'), *model, *automatic, '--out-file', 'one.png']
    demo.main(one)
    caption = re.search('caption: (.+)', capsys.readouterr().out)[1]
    captions = json.loads((out / 'captions.json').read_text())
    assert captions['a.png'] == dict(captions=[caption])
    assert (tmp_path / 'one.png').read_bytes() == (out / 'a_segmented.png').read_bytes()
    # A killed run continues with the captions that are there.
    (out / 'b_segmented.png').unlink()
    demo.main(argv)
    said = capsys.readouterr().out
    assert '0 written, 2 kept' in said and 'photos_segmented, 1 pictures' in said
    # A caption that was corrected by hand, and one for all.
    captions['b.png'] = dict(captions=['a tree'])
    (out / 'captions.json').write_text(json.dumps(captions))
    with pytest.raises(SystemExit, match='such as b_segmented.png: text was .* a tree'):
        demo.main(argv)
    with pytest.raises(SystemExit, match='2 results in .* is the sky'):
        demo.main([str(folder), *model, '--caption', 'the sky'])
    demo.main([*argv, '--overwrite'])
    assert 'photos_segmented, 2 pictures' in capsys.readouterr().out


def test_options_of_one_image_or_of_a_folder(demo, trained, image, tmp_path):
    with pytest.raises(SystemExit, match='--batch-size is for a folder, which .*gray'):
        demo.main([image, *trained, '--batch-size', '2'])
    with pytest.raises(SystemExit, match='--out-file is for one image, which'):
        demo.main([str(tmp_path), *trained, '--out-file', 'a.png'])
    (tmp_path / 'empty').mkdir()
    with pytest.raises(SystemExit, match='no image in .*empty'):
        demo.main([str(tmp_path / 'empty'), *trained])


def test_bad_opacity(demo, trained, image):
    with pytest.raises(SystemExit, match='opacity'):
        demo.main([image, *trained, '--opacity', '2'])


# The same network, asked for what a text names, and for depth.
TEXT = """
_base_ = './config.py'
model = dict(
    data_preprocessor=dict(type='TextSegDataPreProcessor', text_key='expression'),
    backbone=dict(
        prompt=dict(_delete_=True, type='TextPrompt', num_tokens=8)))
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='PackSegInputs', meta_keys=('ori_shape', 'img_shape', 'expression'))]
"""
DEPTH = """
_base_ = './config.py'
model = dict(
    type='SlidingDepthEstimator',
    decode_head=dict(
        _delete_=True, type='VPDDepthHead', in_channels=[32, 64, 128, 128],
        embed_dim=8, feature_dim=64, num_deconv_layers=3,
        num_deconv_filters=(8, 8, 8)),
    test_cfg=dict(mode='whole'))
"""


@pytest.fixture
def train(trained):
    """Return a function that makes a config beside the other one and a checkpoint."""

    def make(name, text, **dataset_meta):
        config = Path(trained[0]).with_name(f'{name}.py')
        config.write_text(text)
        model = init_model(Config.fromfile(config), device='cpu')
        path = config.with_suffix('.pth')
        content = dict(state_dict=model.state_dict())
        torch.save(content | dict(meta=dict(dataset_meta=dataset_meta)), path)
        return str(config), str(path)

    return make


def test_what_a_text_names_is_segmented(demo, train, image, tmp_path, capsys):
    model = train('text', TEXT, classes=('background', 'referent'))
    out = tmp_path / 'referent.png'

    demo.main([image, *model, '--text', 'the red ball', '--out-file', str(out)])

    assert cv2.imread(str(out)).shape == (6 * 70, 6 * 100, 3)
    assert '%  ' in capsys.readouterr().out
    with pytest.raises(SystemExit, match=r'needs the text of the image \(expression'):
        demo.main([image, *model])


def test_the_image_is_captioned_and_segmented(demo, train, image, tmp_path, capsys):
    text = TEXT.replace("'expression'", "'caption'")
    model = train('caption', text, classes=('background', 'referent'))
    captioner = write_mini(tmp_path / 'captioner')
    out = tmp_path / 'captioned.png'
    argv = [image, *model, '--out-file', str(out), '--captioner', str(captioner)]

    demo.main([*argv, '--caption', 'auto'])

    written = re.search('caption: (.+)', capsys.readouterr().out)[1]
    assert set(re.findall(r'\w+', written)) <= set(WORDS)
    automatic = out.read_bytes()
    demo.main([*argv, '--caption', written])
    assert out.read_bytes() == automatic
    assert 'caption: ' not in capsys.readouterr().out


def test_captions_that_no_model_reads(demo, trained, train, image, tmp_path):
    expression = train('text', TEXT)
    with pytest.raises(SystemExit, match='prompted with expression, not with a'):
        demo.main([image, *expression, '--caption', 'auto'])
    with pytest.raises(SystemExit, match='with nothing of the image'):
        demo.main([image, *trained, '--caption', 'a cat'])
    caption = train('caption', TEXT.replace("'expression'", "'caption'"))
    with pytest.raises(SystemExit, match='with a caption: --caption auto has it'):
        demo.main([image, *caption])
    with pytest.raises(SystemExit, match="--caption: needs words, got ' '"):
        demo.main([image, *caption, '--caption', ' '])
    with pytest.raises(SystemExit, match='--caption and --text are one'):
        demo.main([image, *caption, '--caption', 'auto', '--text', 'a cat'])
    gone = ['--captioner', str(tmp_path / 'gone')]
    with pytest.raises(SystemExit, match='cannot be loaded as an image-to-text model'):
        demo.main([image, *caption, '--caption', 'auto', *gone])


def test_depth_is_colored_and_written_in_16_bits(
    demo, train, tmp_path, monkeypatch, capsys
):
    picture = tmp_path / 'room.jpg'
    cv2.imwrite(str(picture), np.full((64, 128), 100, np.uint8))
    monkeypatch.chdir(tmp_path)

    demo.main([str(picture), *train('depth', DEPTH), '--depth-file', 'mm.png'])

    assert cv2.imread('room_depth.png').shape == (64, 128, 3)
    stored = cv2.imread('mm.png', cv2.IMREAD_UNCHANGED)
    assert stored.dtype == np.uint16
    assert stored.shape == (64, 128)
    assert ' m (bright) to ' in capsys.readouterr().out


ROAD = """
_base_ = './depth.py'
model = dict(decode_head=dict(max_depth=80.0))
test_dataloader = dict(dataset=dict(
    type='KITTI', pipeline=[dict(type='Load', depth_rescale_factor=1 / 256)]))
"""


def test_a_depth_file_has_the_unit_of_the_data_set(
    demo, train, tmp_path, monkeypatch, capsys
):
    picture = tmp_path / 'road.jpg'
    cv2.imwrite(str(picture), np.full((64, 128), 100, np.uint8))
    monkeypatch.chdir(tmp_path)
    train('depth', DEPTH)
    model = train('road', ROAD)

    demo.main([str(picture), *model, '--depth-file', 'depth.png'])

    assert '256 units per meter' in capsys.readouterr().out
    stored = cv2.imread('depth.png', cv2.IMREAD_UNCHANGED)
    assert 0 < stored.max() / 256 < 80
    # Nothing is predicted for a file that could not be written.
    with pytest.raises(SystemExit, match='80.0 m are 80000 units.*--units-per-meter'):
        demo.main(
            [
                str(picture),
                *model,
                '--depth-file',
                'mm.png',
                '--units-per-meter',
                '1000',
            ]
        )
    assert 'written' not in capsys.readouterr().out


def test_a_large_image_is_read_on_request(demo, trained, image, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 1000)
    with pytest.raises(SystemExit, match='too large.*--max-pixels'):
        demo.main([image, *trained])
    demo.main([image, *trained, '--max-pixels', '7000'])


def test_options_that_the_model_cannot_serve(demo, trained, image):
    with pytest.raises(SystemExit, match='has no depth'):
        demo.main([image, *trained, '--depth-file', 'mm.png'])
    with pytest.raises(SystemExit, match='not prompted with a text'):
        demo.main([image, *trained, '--text', 'the cat'])


PERCEPTOR = """
default_scope = 'mmseg'
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
model = dict(
    type='DiffusionPerceptor', arch='mini',
    data_preprocessor=dict(
        type='SegDataPreProcessor', mean=[127.5] * 3, std=[127.5] * 3, bgr_to_rgb=True),
    codec=dict(type='AffineDepthCodec'), sampler=dict(steps=4))
test_pipeline = [dict(type='LoadImageFromFile'), dict(type='PackSegInputs')]
"""


@pytest.fixture(scope='module')
def perceptor(tmp_path_factory):
    """Return the paths of a model that denoises depth."""
    folder = tmp_path_factory.mktemp('perceptor')
    return write_untrained(folder, PERCEPTOR)


def test_depth_by_denoising(demo, perceptor, image, tmp_path, capsys):
    files = {
        name: tmp_path / f'{name}.png'
        for name in ('out', 'depth', 'uncertainty', 'denoising')
    }
    options = [
        part for name, path in files.items() for part in (f'--{name}-file', path)
    ]
    demo.main(
        [image, *perceptor, *map(str, options), '--steps', '2', '--ensemble', '2']
    )
    printed = capsys.readouterr().out
    assert '2 steps, 2 predictions' in printed and '65535 units' in printed
    assert cv2.imread(str(files['depth']), cv2.IMREAD_UNCHANGED).dtype == np.uint16
    for name in ('out', 'uncertainty'):
        assert cv2.imread(str(files[name])).shape == (70, 100, 3)
    # The picture and both steps.
    assert cv2.imread(str(files['denoising'])).shape[1] == 200


def test_options_of_denoising(demo, trained, perceptor, image):
    with pytest.raises(SystemExit, match='--steps: .* does not denoise'):
        demo.main([image, *trained, '--steps', '2'])
    with pytest.raises(SystemExit, match='needs --ensemble 2 or more'):
        demo.main([image, *perceptor, '--uncertainty-file', 'u.png'])
    with pytest.raises(SystemExit, match='more than 16 bits'):
        arguments = ['--depth-file', 'd.png', '--units-per-meter', '1e6']
        demo.main([image, *perceptor, *arguments])


@pytest.fixture(scope='module')
def one_step(tmp_path_factory):
    """Return the paths of a model that predicts depth in one step."""
    base = get_config('e2e-ft_mini_depth_1xb16-300_mini-hypersim-vkitti2').filename
    return write_untrained(tmp_path_factory.mktemp('one_step'), f'_base_ = {base!r}')


def test_depth_in_one_step(demo, one_step, image, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    demo.main([image, *one_step, '--depth-file', 'depth.png'])
    assert '1 steps, 1 predictions' in capsys.readouterr().out
    stored = cv2.imread('depth.png', cv2.IMREAD_UNCHANGED)
    assert stored.dtype == np.uint16 and stored.shape == (70, 100)
    # As of a folder.
    folder = Path('photos')
    folder.mkdir()
    Path(image).rename(folder / 'gray.jpg')
    demo.main([str(folder), *one_step])
    assert 'photos_depth, 1 pictures' in capsys.readouterr().out
    alone = Path('gray_depth.png').read_bytes()
    assert Path('photos_depth/gray_depth.png').read_bytes() == alone


@pytest.mark.parametrize('name', ['e2e-ft', 'genpercept'])
def test_options_that_one_step_has_nothing_for(demo, image, name):
    config = f'{name}_mini_depth_1xb16-300_mini-hypersim-vkitti2'
    for option in (
        *('--steps 2', '--ensemble 3'),
        *('--uncertainty-file u.png', '--denoising-file d.png'),
    ):
        message = f'{option}: the model of {name}.* in one step, .*; leave the option'
        with pytest.raises(SystemExit, match=message):
            demo.main([image, config, 'none.pth', *option.split()])
    with pytest.raises(SystemExit, match='--classes: .* has no classes'):
        demo.main([image, config, 'none.pth', '--classes', 'cat'])


REFERRING = """
default_scope = 'mmseg'
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
model = dict(
    type='InstructPerceptor', arch='mini',
    data_preprocessor=dict(
        type='TextSegDataPreProcessor', text_key='expression',
        mean=[127.5] * 3, std=[127.5] * 3, bgr_to_rgb=True),
    codec=dict(type='WhiteMaskCodec'), sampler=dict(steps=4),
    prompt=dict(type='TextPrompt', num_tokens=8),
    guidance=dict(text=1.0, image=1.0, correction=1.0))
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(64, 64), keep_ratio=False),
    dict(type='PackSegInputs', meta_keys=('ori_shape', 'img_shape', 'expression'))]
"""


@pytest.fixture(scope='module')
def referring(tmp_path_factory):
    """Return the paths of a model that denoises masks."""
    folder = tmp_path_factory.mktemp('referring')
    return write_untrained(folder, REFERRING)


def test_masks_by_denoising(demo, referring, image, tmp_path, capsys):
    out, steps = tmp_path / 'out.png', tmp_path / 'steps.png'
    options = ['--text', 'the red ball', '--not', 'the tree', '--not', 'the sky']
    options += ['--steps', '2', '--seed', '3', '--correction-strength', '2']
    files = ['--out-file', str(out), '--denoising-file', str(steps)]
    demo.main([image, *referring, *options, *files])
    assert "'the red ball'" in capsys.readouterr().out
    assert cv2.imread(str(out)).shape == (70, 100, 3)
    # The picture and both steps.
    assert cv2.imread(str(steps)).shape[1] == 200
    # Nothing is painted that strongly.
    nothing = ['--text', 'a cat', '--cfg-options', 'model.codec.threshold=0.999']
    demo.main([image, *referring, *nothing, '--out-file', str(out)])
    printed = capsys.readouterr().out
    assert "nothing is 'a cat'; the nearest has a score of 0." in printed
    assert (cv2.imread(str(out)) == cv2.imread(image)).all()


def test_options_of_masks(demo, referring, perceptor, image):
    for arguments, message in (
        ([], '--text: say what to find'),
        (['--text', '...'], 'the text is empty: say what to find'),
        (['--text', 'a cat', '--not', 'A cat.'], "'A cat.' is what shall be found"),
        (['--text', 'a cat', '--text-strength', '-1'], 'must not be negative'),
        (['--text', 'a cat', '--steps', '1001'], 'from 1 to 1000, got 1001'),
        (['--text', 'a cat', '--ensemble', '2'], '--ensemble: .* not denoise depth'),
    ):
        with pytest.raises(SystemExit, match=message):
            demo.main([image, *referring, *arguments])
    with pytest.raises(SystemExit, match='--not: .* does not denoise masks'):
        demo.main([image, *perceptor, '--not', 'the tree'])


OPEN = """
_base_ = './config.py'
model = dict(
    type='OpenVocabularySegmentor',
    data_preprocessor=dict(type='TextSegDataPreProcessor', text_key='caption'),
    backbone=dict(prompt=dict(_delete_=True, type='TextPrompt', num_tokens=8)),
    neck=dict(type='UHead', flow='up', widths=[64] * 4),
    decode_head=dict(
        _delete_=True, type='TextFPNHead', arch='mini', template='name',
        in_channels=[64] * 4, in_index=[0, 1, 2, 3], feature_strides=[4, 8, 16, 32],
        channels=8, num_classes=2, classes=['cat', 'sky']))
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='PackSegInputs', meta_keys=('ori_shape', 'img_shape', 'caption'))]
"""


def test_any_classes_are_told_apart(demo, trained, train, image, tmp_path, capsys):
    model = train('open', OPEN, classes=('cat', 'sky'))
    argv = [image, *model, '--caption', 'a cat', '--out-file', str(tmp_path / 'a.png')]
    demo.main([*argv, '--classes', 'red ball', 'dog', 'tree'])
    lines = capsys.readouterr().out.splitlines()
    found = {line.split('%  ')[1] for line in lines[:-1]}
    assert found and found <= {'red ball', 'dog', 'tree'}
    with pytest.raises(SystemExit, match='repeats a name: classes 0 and 1 are both'):
        demo.main([*argv, '--classes', 'dog', 'Dog'])
    with pytest.raises(SystemExit, match='knows its own 2 classes only'):
        demo.main([image, *trained, '--classes', 'dog', 'tree'])


@pytest.mark.parametrize(
    ('config', 'message'),
    [
        ('instructcv_mini_depth_1xb16-600_mini-nyu', r'demo/generalist_demo\.py shows'),
        (
            'vermouth_mini_retrieval_1xb32-4e_mini-sketchy2-128x128',
            r'demo/retrieval_demo\.py shows',
        ),
        ('faster-rcnn_mini_fpn_1xb8-1e_mini-coco-128x128', 'of mmdet, .*--show-dir'),
        ('td-hm_mini_1xb16-2e_mini-coco-128x96', 'of mmpose, .*--show-dir'),
    ],
)
def test_models_of_other_scripts_are_named(demo, tmp_path, config, message):
    Image.new('RGB', (64, 64)).save(tmp_path / 'a.png')
    with pytest.raises(SystemExit, match=f'{config} .*{message}'):
        demo.main([str(tmp_path / 'a.png'), config, 'none.pth'])
