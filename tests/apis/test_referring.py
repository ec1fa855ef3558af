from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from diffmm.apis import ReferringPredictor
from diffmm.diffusion import InstructGuidance
from tests import tiny
from tests.untrained import write_untrained

CONFIG = """
default_scope = 'mmseg'
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
model = dict(
    type='InstructPerceptor', arch={arch!r},
    data_preprocessor=dict(
        type='TextSegDataPreProcessor', text_key='expression',
        mean=[127.5] * 3, std=[127.5] * 3, bgr_to_rgb=True, size_divisor=8),
    codec=dict(type='WhiteMaskCodec'), sampler=dict(steps=3),
    prompt=dict(type='TrainedTextPrompt', num_tokens=8),
    objective=dict(schedule=dict(prediction_type='sample')),
    guidance=dict(text=1.0, image=1.0, correction={correction}))
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(64, 64), keep_ratio=False),
    dict(type='PackSegInputs', meta_keys=('ori_shape', 'img_shape', 'expression'))]
"""


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('trained')
    text = CONFIG.format(arch=tiny.ARCHITECTURE, correction=1.0)
    return write_untrained(folder, text)


@pytest.fixture(scope='module')
def predictor(trained):
    return ReferringPredictor(*trained)


@pytest.fixture(scope='module')
def picture():
    return np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)


def test_a_thing_with_every_step(predictor, picture):
    thing = predictor.find(picture, 'the red ball')
    assert thing.mask.shape == (90, 120) and thing.mask.dtype == bool
    assert np.array_equal(thing.mask, thing.result.strength > 0.5)
    assert 0 <= thing.score <= 1 and thing.is_empty == (not thing.mask.any())
    timesteps = [step.timestep for step in thing.steps]
    assert len(timesteps) == 3 and timesteps == sorted(timesteps, reverse=True)
    # Calling it predicts the same, without the steps.
    called = predictor(picture, 'the red ball')
    assert np.array_equal(called.mask, thing.mask) and not called.steps
    assert called.text == 'the red ball' and called.score == thing.score
    watched = list(predictor.watch(picture, 'the red ball'))
    assert [step.timestep for step in watched] == [*timesteps, 0.0]
    assert np.array_equal(watched[-1].mask, thing.mask)


def test_corrections_seeds_and_strengths(predictor, picture):
    plain = predictor.find(picture, 'the red ball')

    def differs(**options):
        found = predictor.find(picture, 'the red ball', **options)
        return not np.allclose(found.result.strength, plain.result.strength, atol=1e-3)

    assert differs(seed=7) and differs(corrections=['the tree'])
    assert differs(guidance=InstructGuidance(text=4.0, image=1.5))
    assert len(predictor.find(picture, 'the red ball', steps=2).steps) == 2
    # Several runs at once are what they are by themselves.
    both = predictor.find_each(picture, 'the red ball', [['the tree'], ['the sea']])
    alone = predictor.find(picture, 'the red ball', ['the sea'])
    np.testing.assert_allclose(
        both[1].result.strength, alone.result.strength, atol=1e-3
    )
    assert both[0].corrections == ('the tree',) and len(both[0].steps) == 3


def test_an_empty_mask_has_a_score(predictor, picture, monkeypatch):
    monkeypatch.setattr(predictor.model.codec, 'threshold', 1.0)
    thing = predictor.find(picture, 'the red ball')
    assert thing.is_empty and thing.score > 0


@pytest.mark.parametrize(
    ('text', 'options', 'message'),
    [
        (' ', {}, 'the text is empty'),
        ('?!', {}, r"the text is empty: say what to find, got '\?!'"),
        (5, {}, 'the text is empty: say what to find, got 5'),
        ('a cat', dict(corrections=['A cat']), 'is what shall be found'),
        ('a cat', dict(corrections=['']), 'is empty; name what is not meant'),
        ('a cat', dict(corrections='a dog'), 'a list of texts for every image'),
        ('a cat', dict(corrections=None), 'a list of texts for every image'),
        ('a cat', dict(steps=0), 'got 0'),
        ('a cat', dict(steps=2.0), 'a whole number from 1 to 1000, got 2.0'),
        ('a cat', dict(seed=1.5), r'a whole number from 0 to 2\^64 - 1, got 1.5'),
        ('a cat', dict(seed=1 << 64), r'from 0 to 2\^64 - 1, got 18446744073709551616'),
        ('a cat', dict(guidance=InstructGuidance(1e30, 1e30)), 'is not finite: the'),
        (
            'a cat',
            dict(corrections=['a dog'], guidance=InstructGuidance(text=2)),
            'would change nothing: the guidance has correction=0.0',
        ),
    ],
    ids=str,
)
def test_questions_that_mean_nothing(predictor, picture, text, options, message):
    with pytest.raises(ValueError, match=message):
        predictor.find(picture, text, **options)


def test_calls_that_mean_nothing(predictor, picture):
    """The same without steps, and of no run at all."""
    for text, message in ((' ', r"\(expression\) is empty: ' '"), (5, 'got 5')):
        with pytest.raises(ValueError, match=message):
            predictor(picture, text)
    with pytest.raises(ValueError, match="is empty: '...'"):
        predictor([picture, picture], ['a cat', '...'])
    with pytest.raises(ValueError, match='there is no run'):
        predictor.find_each(picture, 'a cat', [])


def test_many_corrections_and_odd_pictures(predictor, tmp_path):
    """Fifty texts share the strength; CMYK, 16 bits and animations are pictures."""
    colors = np.random.default_rng(0).integers(0, 256, (90, 120, 4), dtype=np.uint8)
    Image.fromarray(colors, 'CMYK').save(tmp_path / 'print.jpg')
    deep = Image.fromarray(colors[..., 0].astype(np.uint16) * 257)
    deep.save(tmp_path / 'deep.png')
    frames = [Image.fromarray(colors[..., i : i + 3]) for i in (0, 1)]
    frames[0].save(tmp_path / 'moves.png', save_all=True, append_images=frames[1:])
    for path in tmp_path.iterdir():
        thing = predictor.find(path, 'a cat', [f'dog {i}' for i in range(50)], steps=1)
        assert thing.mask.shape == (90, 120) and len(thing.corrections) == 50
    Image.new('RGB', (5000, 1)).save(tmp_path / 'line.png')
    with pytest.raises(ValueError, match='picture of 1x5000 pixels is too small'):
        predictor.find(tmp_path / 'line.png', 'a cat')
    with pytest.raises(FileNotFoundError, match='no image at .*gone'):
        predictor.find(tmp_path / 'gone.png', 'a cat')


def test_a_text_over_the_limit_is_cut_and_counted(predictor, picture, caplog):
    before = predictor.model.prompt.num_truncated
    predictor.find(picture, 'one two three four five six seven eight nine', steps=1)
    assert predictor.model.prompt.num_truncated > before


def test_other_models(trained, tmp_path):
    text = CONFIG.format(arch=tiny.ARCHITECTURE, correction=1.0)
    (tmp_path / 'depth.py').write_text(text.replace('WhiteMask', 'AffineDepth'))
    with pytest.raises(ValueError, match='finds no masks by texts'):
        ReferringPredictor(tmp_path / 'depth.py', trained[1])
