"""Our Vermouth against the authors' released one."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from mmengine.registry import MODELS
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from diffmm.diffusion import build_schedule
from diffmm.diffusion.noising import DDIMInversion
from diffmm.evaluation.retrieval_metric import mean_over_classes, score_queries
from diffmm.structures import ConditionedImages
from tests import parity, parity_tadp, tiny
from tests.parity_tadp import CAPTIONS

SCALE = 0.18215
array = partial(parity_tadp.array, paper='vermouth')
assert_close = partial(parity_tadp.assert_close, paper='vermouth')
TEXTS = [CAPTIONS['short'], CAPTIONS['long']]
# Which of our levels, fine to coarse, is called what: level 0 is the coarsest.
LEVELS = {3: 0, 2: 1, 1: 2, 0: 3}
CHANNELS = {'down': (32, 64, 128, 128), 'mid+up': (96, 128, 128, 128)}
POOL = dict(query='q_proj', key='k_proj', value='v_proj', out='c_proj')


def gaussian(name, *shape, scale=1.0):
    return parity.gaussian(f'vermouth.{name}', shape, scale)


def parameter(name, shape):
    value = parity.parameter(name, shape)
    if name.endswith('running_var'):  # the recipe's 0.1 x, without its sign
        value = 1 + value.abs()
    return value


def fill(module, names):
    """Fills a module; ``names`` are pairs of a prefix of ours and theirs."""
    state = {}
    for name, value in module.state_dict().items():
        prefix = max((p for p in names if name.startswith(p)), key=len)
        theirs = f'vermouth.{names[prefix]}{name.removeprefix(prefix)}'
        state[name] = value
        if value.is_floating_point():
            state[name] = parameter(theirs, tuple(value.shape))
    module.load_state_dict(state)
    return module.eval()


@pytest.fixture(scope='module')
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp('vermouth') / 'tiny.ckpt'
    torch.save({'state_dict': parity_tadp.original_state_dict()}, path)
    return path


@pytest.fixture(scope='module')
def build(weights):
    def build(**options):
        backbone = MODELS.build(
            dict(
                type='StableDiffusionBackbone',
                arch=parity.ARCHITECTURE,
                pretrained=str(weights),
                prompt=dict(type='TextPrompt'),
                latent_scale=SCALE,
                trainable='none',
                **dict(timestep=200) | options,
            )
        )
        with tiny.quiet():
            backbone.init_weights()
        return backbone.eval()

    return build


@pytest.fixture(scope='module')
def encoder(build):
    return build().prompt.text_encoder


def images(tag, side=256):
    pixels = gaussian(f'{tag}.image', 2, 3, side, side, scale=0.5).clamp(-1, 1)
    return ConditionedImages(pixels, TEXTS)


def given_noise(backbone, tag):
    """Puts the reference's noise in the place of the drawn one."""
    noise = gaussian(f'{tag}.noise', 2, 4, 32, 32)
    backbone.noise_levels.noising.noise = lambda *_: noise


@torch.no_grad()
def run(backbone, tag):
    return backbone(images(tag))


def assert_levels(features, channels, name, own=True):
    """Compares the UNet's channels of every level, or what stands behind them."""
    for index, (feature, width) in enumerate(zip(features, channels, strict=True)):
        if own:
            assert_close(feature[:, :width], f'{name}.level{LEVELS[index]}')
        elif feature.shape[1] > width:
            assert_close(feature[:, width:], f'{name}.level{LEVELS[index]}')


@pytest.mark.parametrize('stage', ['down', 'mid+up'])
def test_stages_at_a_noise_level(build, stage):
    backbone = build(layers=stage, noise='ddpm')
    given_noise(backbone, 'f256')
    features = run(backbone, 'f256')
    assert_close(features.latents, 'f256.latent_noisy')
    assert_close(features.context[:1], 'f256.context')
    tag = stage.replace('+', '_')
    assert_levels(features, CHANNELS[stage], f'f256.{tag}')
    assert [each.channels for each in backbone.feature_info] == list(CHANNELS[stage])


@pytest.mark.parametrize(
    ('name', 'stages', 'max_size'),
    [('attn_up_max32', ('up',), 64), ('attn_up_down_max16', ('down', 'up'), 32)],
)
def test_attention_beside_stages(build, name, stages, max_size):
    """Sizes of 256 pixels; ours are of 512. The features stay the same."""
    attention = dict(stages=stages, max_size=max_size)
    backbone = build(layers='mid+up', noise='ddpm', attention=attention)
    given_noise(backbone, 'f256')
    features = run(backbone, 'f256')
    assert_levels(features, CHANNELS['mid+up'], 'f256.mid_up')
    assert_levels(features, CHANNELS['mid+up'], f'f256.{name}', own=False)


def test_one_released_inversion_step_is_none(build):
    """A single time value: the clean latent goes in at t = 200."""
    features = run(build(layers='mid+up'), 'inv256')
    assert_close(features[2], 'inv256.single.level1')


@pytest.fixture(scope='module')
def inversion(build):
    return build(
        layers='mid+up',
        noise=dict(type='ddim_inversion', steps=1),
        attention=dict(stages=('up',), max_size=32),
    )


def path(backbone, guidance, convention='source'):
    """Our inversion over 100, 150 and 200, guided here as the reference was."""
    batch = images('inv256')
    latents = backbone.vae(batch.plain()) * SCALE
    context = backbone.prompt(2, TEXTS)
    empty = backbone.prompt(2, ['', ''])

    def predict(latents, source):
        time = source
        if convention == 'target':
            time = {0: 100, 100: 150, 150: 200}[source]
        with torch.no_grad():
            noise = backbone._predict_noise(context, latents, time)
            if guidance == 1:
                return noise
            other = backbone._predict_noise(empty, latents, time)
            return other + guidance * (noise - other)

    follow = DDIMInversion().follow
    return torch.stack(follow(latents, [100, 150, 200], predict)), context


@pytest.mark.parametrize('guidance', ['1.0', '7.5'])
@pytest.mark.parametrize('convention', ['source', 'target'])
def test_path_of_the_inversion(inversion, guidance, convention):
    latents, context = path(inversion, float(guidance), convention)
    name = f'inv256.path_{convention}_g{guidance}'
    assert_close(latents, f'{name}.latents')
    if (guidance, convention) != ('1.0', 'source'):
        return
    with torch.no_grad():
        features = inversion._denoise(
            latents[-1], size=(256, 256), context=context, noise_level=200
        )
    channels = CHANNELS['mid+up']
    assert_levels(features, channels, name)
    for index, level in ((2, 1), (1, 2)):
        assert_close(features[index][:, channels[index] :], f'{name}.attn{level}')


def test_the_released_path_is_another_one(inversion):
    """Its schedule, its clamping and its steps of one time unit are faults."""
    ours, _ = path(inversion, 7.5)
    before = torch.from_numpy(array('inv256.released.latents_before'))
    clean = inversion.vae(images('inv256').plain()) * SCALE
    assert parity.relative_error(clean, before[0]) < 1e-4
    for name in ('released', 'sdbetas_unit'):
        end = torch.from_numpy(array(f'inv256.{name}.latent_end'))
        assert parity.relative_error(ours[-1], end) > 0.05
    assert (
        parity.relative_error(
            torch.from_numpy(array('inv256.released.attn1_last_only')),
            torch.from_numpy(array('inv256.released.attn1')),
        )
        > 0.1
    ), 'we take the maps of the last pass, not the mean over all'


def test_guided_noise(inversion):
    noisy = torch.from_numpy(array('f256.latent_noisy'))[:1]
    noise, empty = (
        inversion._predict_noise(inversion.prompt(1, [text]), noisy, 200)
        for text in (TEXTS[0], '')
    )
    guided = (empty + 7.5 * (noise - empty)).detach()
    assert_close(guided[0], 'f256.guided_noise_first')


def head_names(tag, group=''):
    names = ('highest', 'high', 'mid', 'low')
    found = {}
    for level, name in enumerate(names):
        block = f'{tag}.{group}{name}_res_conv'
        found[f'blocks.{level}.fuse.'] = f'{block}.stage1.'
        found[f'blocks.{level}.refine.'] = f'{block}.stage2.'
    return found


def pool_names(tag):
    return dict(positions=f'{tag}.positional_embedding') | {
        f'{ours}.': f'{tag}.{theirs}.' for ours, theirs in POOL.items()
    }


def pool(tag, in_channels=1024, out_channels=64):
    config = dict(
        type='AttentionPool', in_channels=in_channels, out_channels=out_channels
    )
    return fill(MODELS.build(config), pool_names(tag))


@pytest.mark.parametrize(('tag', 'size'), [('head', 'tiny'), ('head_small', 'small')])
def test_u_head(tag, size):
    widths = (128, 205, 141, 32)
    maps = [
        gaussian(f'{tag}.in{i}', 2, width, 4 << i, 4 << i)
        for i, width in enumerate(widths)
    ][::-1]
    head = MODELS.build(dict(type='UHead', in_channels=widths[::-1], size=size))
    fused = fill(head, head_names(tag))(maps)
    assert_close(fused[0], f'{tag}.fused')
    assert_close(pool(f'{tag}.attn_pool')(fused), f'{tag}.pooled')


def test_pool_adapter_and_norm():
    pooled = pool('pool', 64, 48)([gaussian('pool.in', 3, 64, 4, 4)])
    assert_close(pooled, 'pool.out')
    from diffmm.models.experts import ConvAdapter

    adapter = fill(ConvAdapter(32), adapter_names('', 'adapter.'))
    assert_close(adapter(gaussian('adapter.in', 2, 32, 5, 7)), 'adapter.out')


def adapter_names(ours, theirs):
    return {f'{ours}down.': f'{theirs}adapter.0.', f'{ours}up.': f'{theirs}adapter.2.'}


def expert_names(tag, count):
    """Theirs stand coarse to fine, ours fine to coarse."""
    names = {}
    for index in range(count):
        theirs = f'{tag}.mappers.{count - 1 - index}.'
        names |= adapter_names(f'adapters.{index}.', theirs)
    return names


def test_expert():
    source = dict(type='TimmExpert', model='resnet18', out_indices=(2, 3, 4))
    config = dict(type='AdaptedExpert', source=source, strides=(8, 16, 32))
    theirs = 'resnet.extracter.'  # codespell:ignore
    names = {'source.model.': theirs} | expert_names('resnet', 3)
    expert = fill(MODELS.build(config), names)
    picture = gaussian('resnet.image', 2, 3, 128, 128, scale=0.5).clamp(-1, 1)
    for index, found in enumerate(expert.source(picture)):
        adapted = expert.adapt(found, index, found.shape[-2:])
        assert_close(adapted, f'resnet.adapted{2 - index}')


class GivenMaps(torch.nn.Module):
    """Stands for an expert whose maps are given."""

    def __init__(self, maps, strides):
        super().__init__()
        self.maps = maps
        self.channels = tuple(each.shape[1] for each in maps)
        self.strides = strides

    def forward(self, images):
        return self.maps


@pytest.fixture
def given(monkeypatch):
    def register(maps, strides):
        MODELS.register_module(
            name='GivenMaps', module=lambda: GivenMaps(maps, strides), force=True
        )

    yield register
    MODELS._module_dict.pop('GivenMaps', None)


def text_head(encoder, classes, tag, **options):
    head = MODELS.build(
        dict(
            type='CosineTextHead',
            arch=parity.ARCHITECTURE,
            num_classes=len(classes),
            classes=classes,
            pool=dict(type='AttentionPool', in_channels=1024, out_channels=64),
            **options,
        )
    )
    head.pool = pool(f'{tag}.attn_pool')
    head.encode(encoder)
    return head.eval()


def test_channel_norm(given):
    a, b = (gaussian(f'channel_norm.{n}', 2, c, 3, 5) for n, c in (('a', 12), ('b', 7)))
    given([b], (8,))
    expert = MODELS.build(
        dict(
            type='AdaptedExpert',
            source=dict(type='GivenMaps'),
            strides=(8, 16),
            normalize=True,
        )
    )
    expert.adapters[0] = torch.nn.Identity()
    first, second = expert([a, a], None)
    assert_close(first, 'channel_norm.level1')
    assert_close(second, 'channel_norm.level0')


def test_whole_classifier(build, encoder, given):
    maps = [
        gaussian(f'cls256.expert{i}', 2, c, s, s)
        for i, (c, s) in enumerate(((512, 8), (256, 16), (128, 32)))
    ][::-1]
    given(maps, (8, 16, 32))
    backbone = build(
        layers='down+mid',
        noise='ddpm',
        attention=dict(stages=('up',), max_size=32),
        expert=dict(
            type='AdaptedExpert', source=dict(type='GivenMaps'), normalize=True
        ),
    )
    fill(backbone.expert, expert_names('cls.expert', 3))
    given_noise(backbone, 'cls256')
    features = run(backbone, 'cls256')
    for index, feature in enumerate(features):
        assert_close(feature, f'cls256.input{3 - index}')
        if index < 3:
            adapted = backbone.expert.adapt(maps[index], index, maps[index].shape[-2:])
            assert_close(adapted.detach(), f'cls256.adapted{2 - index}')
    channels = [info.channels for info in backbone.feature_info]
    neck = MODELS.build(dict(type='UHead', in_channels=channels))
    fused = fill(neck, head_names('cls', 'classifier.'))(features)
    assert_close(fused[0], 'cls256.fused')
    classes = ['dog', 'yellow bus', 'chair']
    templates = ['a photo of a {}.', 'a drawing of the {}.']
    head = text_head(encoder, classes, 'cls', template=templates, temperature=0.2)
    assert_close(head.text_features, 'cls256.text_features')
    assert_close(head(fused), 'cls256.pooled')
    assert_close(head.logits(head(fused)), 'cls256.logits')
    losses = head.loss(fused, torch.tensor([2, 0]))
    assert_close(losses['loss_text'][None], 'cls256.loss')
    assert 100 * losses['accuracy'].item() == array('cls256.top1')


def test_whole_retrieval(build, encoder, given, monkeypatch):
    maps = [gaussian(f'sbir256.expert{i}', 2, 768, 16, 16) for i in range(4)]
    given(maps, (8, 16, 32, 64))
    backbone = build(
        layers='mid+up',
        expert=dict(type='AdaptedExpert', source=dict(type='GivenMaps')),
    )
    fill(backbone.expert, expert_names('sbir.expert', 4))
    features = run(backbone, 'sbir256')
    for index, width in enumerate(CHANNELS['mid+up']):
        assert_close(features[index][:, width:], f'sbir256.adapted{3 - index}')
    channels = [info.channels for info in backbone.feature_info]
    neck = MODELS.build(dict(type='UHead', in_channels=channels))
    fused = fill(neck, head_names('sbir', 'fuse.'))(features)
    assert_close(fused[0], 'sbir256.fused')
    monkeypatch.setattr(
        'diffmm.models.heads.class_texts.ClassTexts._read_projection',
        lambda _: parity.parameter('text_projection.weight', (64, 64)),
    )
    head = text_head(
        encoder,
        ['dog', 'yellow bus', 'chair', 'bicycle'],
        'sbir',
        template='a photo of {}',
        projection='given',
        temperature=0.2 / 4.6052,
    )
    assert_close(head.text_features, 'sbir256.text_features')
    assert_close(head(fused), 'sbir256.pooled')
    assert_close(head.logits(head(fused)), 'sbir256.logits')
    loss = head.loss(fused, torch.tensor([3, 1]))['loss_text']
    assert_close(loss[None], 'sbir256.loss')


def test_text_fpn_head():
    """The released head, without a temperature, and its loss."""
    sizes = ((24, 40), (12, 20), (6, 10), (3, 5))
    maps = [gaussian(f'text_fpn.in{i}', 2, 16, *size) for i, size in enumerate(sizes)]
    config = dict(
        type='TextFPNHead',
        in_channels=[16] * 4,
        in_index=[0, 1, 2, 3],
        feature_strides=[4, 8, 16, 32],
        channels=24,
        num_classes=7,
        classes=[f'class {i}' for i in range(7)],
        norm_cfg=dict(type='BN'),
        arch=parity.ARCHITECTURE,
    )
    head = MODELS.build(config)
    texts = gaussian('text_fpn.text', 7, 64)
    fill(head, {'': 'text_fpn.'})
    head.text_features.copy_(torch.nn.functional.normalize(texts, dim=1))
    with torch.no_grad():
        logits = head(maps)
    assert_close(logits, 'text_fpn.logits')
    state = parity.random_state('vermouth.text_fpn.target')
    target = torch.from_numpy(state.randint(0, 8, (2, 1, 96, 160)))
    target[target == 7] = 255
    samples = [SegDataSample(gt_sem_seg=PixelData(data=labels)) for labels in target]
    loss = head.loss_by_feat(logits, samples)['loss_ce']
    assert_close(loss[None], 'text_fpn.loss')


def test_retrieval_metric():
    labels = {
        name: torch.from_numpy(array(f'retrieval.{name}_labels')).long()
        for name in ('query', 'gallery')
    }
    centers = gaussian('retrieval.centers', 5, 32)
    vectors = [
        centers[each] + gaussian(f'retrieval.{name}_noise', len(each), 32, scale=2.0)
        for name, each in labels.items()
    ]
    arguments = (*vectors, labels['query'], labels['gallery'])
    scores = score_queries(*arguments, precision_at=(100, 20), block=7)
    close = partial(torch.testing.assert_close, rtol=1e-6, atol=1e-6)
    close(scores.interpolated, torch.from_numpy(array('retrieval.ap')))
    for k in (100, 20):
        close(scores.precision[k], torch.from_numpy(array(f'retrieval.p{k}')))
    assert mean_over_classes(scores.interpolated, labels['query']) == pytest.approx(
        array('retrieval.map_all').item()
    )
    short = score_queries(*arguments, top=50)
    assert mean_over_classes(short.interpolated, labels['query']) == pytest.approx(
        array('retrieval.map_50').item()
    )


def test_schedule_is_stable_diffusions():
    clean = torch.from_numpy(array('f256.latent_clean'))
    noise = gaussian('f256.noise', 2, 4, 32, 32)
    noisy = build_schedule().add_noise(clean, noise, torch.tensor([200, 200]))
    assert_close(noisy, 'f256.latent_noisy')
