"""Our TADP against the authors' released one."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from mmdet.structures import DetDataSample
from mmengine.registry import MODELS, TRANSFORMS

from diffmm.datasets.transforms.nouns import join_nouns
from diffmm.diffusion.tokenizer import pad_token_ids
from diffmm.structures import ConditionedImages
from tests import parity, parity_tadp, tiny
from tests.parity_tadp import CAPTIONS, PASCAL, array, assert_close

CHANNELS = parity.ARCHITECTURE['unet']['block_out_channels']
SCALE = 0.18215
MAPS = dict(stages=('down', 'up'), max_size=32)
CAPTION = dict(type='TextPrompt')
FIVE = ('background', 'airplane', 'dining table', 'potted plant', 'television')


@pytest.fixture(scope='module')
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp('tadp') / 'tiny.ckpt'
    torch.save({'state_dict': parity_tadp.original_state_dict()}, path)
    return path


@pytest.fixture(scope='module')
def build(weights):
    """Builds a backbone of the tiny model with a prompt."""

    def build(prompt, **options):
        backbone = MODELS.build(
            dict(
                type='StableDiffusionBackbone',
                arch=parity.ARCHITECTURE,
                pretrained=str(weights),
                prompt=prompt,
                **options,
            )
        )
        with tiny.quiet():
            backbone.init_weights()
        return backbone.eval()

    return build


@pytest.fixture(scope='module')
def captioned(build):
    return build(CAPTION, latent_scale=SCALE, attention=MAPS)


@pytest.fixture(scope='module')
def encoder(captioned):
    return captioned.prompt.text_encoder


def noise(tag, batch, side):
    return parity.gaussian(f'tadp.{tag}.noise', (batch, 4, side, side))


def run(backbone, tag, images, texts=None, draw=None):
    """One pass; ``draw`` takes the place of the posterior's random numbers."""
    if texts is not None:
        images = ConditionedImages(images, texts)
    backbone.latent_sampling = 'mode' if draw is None else 'sample'
    with pytest.MonkeyPatch.context() as patch, torch.no_grad():
        if draw is not None:
            patch.setattr(
                'diffusers.models.autoencoders.vae.randn_tensor', lambda *_, **__: draw
            )
        return backbone(images)


def assert_features_match(features, tag):
    """Compares features and attention maps apart, each by its own magnitude."""
    for level, (feature, channels) in enumerate(zip(features, CHANNELS, strict=True)):
        assert_close(feature[:, :channels], f'{tag}.feat{level}')
        has_maps = feature.shape[1] > channels
        assert has_maps == parity_tadp.is_stored(f'{tag}.attn{level}')
        if has_maps:
            assert_close(feature[:, channels:], f'{tag}.attn{level}')


@pytest.mark.parametrize('name', ['short', 'long', 'over'])
def test_tokens_and_contexts_of_captions(captioned, name):
    ids, _ = pad_token_ids([CAPTIONS[name]], 49407)
    assert ids[0].tolist() == array(f'ids.{name}').tolist()
    assert_close(captioned.prompt(1, [CAPTIONS[name]])[0], f'context.{name}')


@pytest.mark.parametrize(
    ('key', 'tagged'),
    [
        (
            'short',
            'a/DT red/JJ ball/NN lies/VBZ on/IN the/DT grass/NN next/JJ to/IN a/DT '
            'small/JJ dog/NN',
        ),
        (
            'repeat',
            'dogs/NNS chase/VBP a/DT ball/NN and/CC the/DT ball/NN hits/VBZ Anna/NNP '
            'near/IN two/CD dogs/NNS',
        ),
        ('none', 'quickly/RB running/VBG far/RB'),
    ],
)
def test_strings_of_nouns(key, tagged):
    nouns = join_nouns(tuple(pair.split('/')) for pair in tagged.split())
    assert nouns == dict(array('strings'))[f'nouns.{key}']


def test_contexts_of_strings(captioned):
    strings = dict(array('strings'))
    for name in ('nouns.short', 'nouns.repeat', 'class_names.p2'):
        assert_close(captioned.prompt(1, [strings[name]])[0], f'context.{name}')


def test_target_domains():
    kinds = dict(
        condition=('night', 'simple'),
        textual_inversion=('night', 'textual_inversion'),
        controlweak=('night', 'nearby'),
        controlstrong=('night', 'unrelated'),
        dreambooth=('night', 'dreambooth'),
        watercolor=('watercolor', 'simple'),
        watercolorTI=('watercolor', 'textual_inversion'),
        watercolorDB=('watercolor', 'dreambooth'),
        comic=('comic', 'simple'),
        comicTI=('comic', 'textual_inversion'),
        comicDB=('comic', 'dreambooth'),
        dashcam=('comic', 'unrelated'),
        constructive=('watercolor', 'nearby'),
    )
    caption, *_ = array('modifiers')[0, 2:]
    for _, conditions, expected in array('modifiers'):
        results = dict(caption=str(caption))
        for condition in conditions.split('+')[1:]:
            domain, modifier = kinds[condition]
            config = dict(type='TargetDomainText', domain=domain, modifier=modifier)
            results = TRANSFORMS.build(config)(results)
        assert results['caption'] == expected


def test_a_learned_word(encoder):
    (text,) = [text for _, kind, text in array('modifiers') if '<night>' in text]
    encoder = deepcopy(encoder)
    encoder.add_words({'<night>': parity.gaussian('tadp.ti.vector', (parity.WIDTH,))})
    ids, _ = pad_token_ids([text], 49407, words=encoder.words)
    assert ids[0].tolist() == array('ids.ti').tolist()
    assert_close(encoder([text]).tokens[0], 'context.ti')


def context(encoder, **config):
    prompt = MODELS.build(dict(width=parity.WIDTH, **config))
    prompt.encode(lambda: encoder)
    return prompt, prompt(1)[0]


def test_static_contexts(encoder):
    assert_close(context(encoder, type='NullPrompt')[1], 'context.empty')
    names = dict(type='ClassNamePrompt', classes=PASCAL, template='name')
    prompt, all_names = context(encoder, features='sentence', **names)
    strings = dict(array('strings'))
    assert prompt._sentences('{}') == [strings['all_class_names.p1']]
    assert_close(all_names, 'context.all_class_names.p1')


@pytest.mark.parametrize(
    ('features', 'expected'),
    [('sequence', 'classembs.context'), ('first', 'det.class_names.context')],
)
def test_class_embedding_tokens(encoder, features, expected):
    names = dict(classes=(*FIVE, 'zebra crossing sign'), template='name')
    _, tokens = context(encoder, type='ClassNamePrompt', features=features, **names)
    assert_close(tokens[None], expected)


def test_average_of_the_80_templates(encoder):
    config = dict(type='ClassNamePrompt', classes=FIVE, template='imagenet')
    assert_close(context(encoder, **config)[1], 'class_average')


def embeddings_file(folder, name, count):
    torch.save(
        parity.gaussian(f'tadp.{name}.class_embeddings', (count, parity.WIDTH)),
        folder / 'class_embeddings.pth',
    )
    return str(folder / 'class_embeddings.pth')


def test_embeddings_of_the_classes_present(encoder, tmp_path):
    prompt = MODELS.build(
        dict(
            type='PresentClassPrompt',
            width=parity.WIDTH,
            classes=list('abcde'),
            embeddings=embeddings_file(tmp_path, 'present', 5),
        )
    )
    prompt.encode(lambda: encoder)
    assert_close(prompt(2, ['a; d', 'b']), 'present.context')


@pytest.mark.parametrize(
    ('labels', 'key'),
    [((0, 12, 15, 255), 'p1'), ((0, 11, 9, 18, 20), 'p2'), ((7, 14), 'p3')],
)
def test_strings_of_the_classes_present(labels, key):
    oracle = TRANSFORMS.build(dict(type='OracleCaption', classes=PASCAL))
    labels = torch.tensor([labels]).numpy()
    text = oracle(dict(img_path='a.jpg', gt_seg_map=labels))['oracle_caption']
    assert text == dict(array('strings'))[f'class_names.{key}']


@pytest.mark.parametrize(
    ('tag', 'side', 'second', 'drawn'),
    [
        pytest.param('seg512', 512, 'long', True, marks=pytest.mark.slow),
        pytest.param('seg512_mean', 512, 'long', False, marks=pytest.mark.slow),
        ('seg256', 256, 'mixed', True),
    ],
)
def test_captioned_segmentation(captioned, tag, side, second, drawn):
    images = parity_tadp.image(tag.removesuffix('_mean'), 2, side)
    draw = noise(tag, 2, side // 8) if drawn else None
    texts = [CAPTIONS['short'], CAPTIONS[second]]
    features = run(captioned, tag, images, texts, draw)
    assert_close(features.latents, f'{tag}.latent')
    assert_features_match(features, tag)


def test_segmentation_by_class_embedding_tokens(build):
    names = (*FIVE, 'zebra crossing sign')
    prompt = dict(
        type='ClassNamePrompt', classes=names, template='name', features='sequence'
    )
    backbone = build(prompt, latent_scale=SCALE, attention=MAPS)
    images = parity_tadp.image('classembs256', 2, 256)
    features = run(backbone, 'classembs256', images, draw=noise('classembs256', 2, 32))
    assert_features_match(features, 'classembs256')


def depth_encoder(features):
    """What VPD's depth head makes of the maps before it decodes."""
    head = MODELS.build(
        dict(
            type='mmseg.VPDDepthHead',
            in_channels=CHANNELS,
            embed_dim=12,
            feature_dim=96,
            num_deconv_filters=(8, 8, 8),
            loss_decode=dict(type='mmseg.SiLogLoss'),
        )
    )
    for ours, theirs in (
        ('conv1', 'layer1.'),
        ('conv2', 'layer2.0.'),
        ('conv_aggregation', 'out_layer.'),
    ):
        parity_tadp.fill(getattr(head, ours), {'': f'depth.encoder.{theirs}'})
    kept = []
    head.decoder.register_forward_pre_hook(lambda _, inputs: kept.extend(inputs))
    with torch.no_grad():
        head(list(features))
    return kept[0]


def test_captioned_depth(build):
    backbone = build(CAPTION, latent_scale=SCALE)
    images = parity_tadp.image('depth256', 2, 256)
    texts = [CAPTIONS['short'], CAPTIONS['long']]
    features = run(backbone, 'depth256', images, texts, noise('depth256', 2, 32))
    assert_close(features.latents, 'depth256.latent')
    assert_features_match(features, 'depth256')
    assert_close(depth_encoder(features), 'depth256.encoder')


def test_each_picture_of_a_batch_has_its_own_scene(build, tmp_path):
    """The released code shows every picture the scenes of the whole batch."""
    scenes = [f'scene {i}' for i in range(27)]
    prompt = dict(
        type='SceneNamePrompt',
        classes=scenes,
        embeddings=embeddings_file(tmp_path, 'depth', 27),
        adapter=dict(type='TextAdapter'),
    )
    backbone = build(prompt)
    backbone.prompt.adapter.load_state_dict(parity_tadp.adapter_state_dict('depth'))
    images = parity_tadp.image('depth_class', 2, 128)
    features = run(backbone, 'depth_class', images, [scenes[3], scenes[20]])
    assert_close(features.context, 'depth_class.context_single')
    encoded = depth_encoder(features)
    assert_close(encoded, 'depth_class.encoder_single')
    # As released, a picture would not be estimated alone as it is in a batch.
    released = torch.from_numpy(array('depth_class.encoder_released'))
    assert parity.relative_error(encoded, released) > 100 * parity_tadp.TOLERANCE
    assert_close(features.context.expand(2, 2, -1)[:, :1], 'depth_class.context_single')
    both = features.context.transpose(0, 1).expand(2, -1, -1)
    assert_close(both, 'depth_class.context_released')


def test_captioned_detection(build):
    tag = 'det512'
    rng = parity.random_state(f'tadp.{tag}.picture')
    picture = rng.randint(0, 256, (512, 512, 3)).astype('uint8')
    preprocessor = MODELS.build(
        dict(
            type='TextDetDataPreprocessor',
            text_key='caption',
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            bgr_to_rgb=True,
        )
    )
    sample = DetDataSample(
        metainfo=dict(caption=CAPTIONS['short'], img_shape=(512, 512))
    )
    pixels = torch.from_numpy(picture[..., ::-1].copy()).permute(2, 0, 1)
    images = preprocessor(dict(inputs=[pixels], data_samples=[sample]))['inputs']
    assert_close(images.plain(), f'{tag}.image')
    backbone = build(CAPTION, attention=MAPS)
    features = run(backbone, tag, images)
    assert_close(features.latents, f'{tag}.latent')
    assert_features_match(features, tag)
    neck = MODELS.build(
        dict(
            type='mmdet.FPN',
            in_channels=[info.channels for info in backbone.feature_info],
            out_channels=256,
            num_outs=4,
        )
    )
    parity_tadp.fill(
        neck,
        {
            f'{ours}.{i}.conv': f'det.fpn.{theirs}.{i}.0'
            for ours, theirs in (
                ('lateral_convs', 'inner_blocks'),
                ('fpn_convs', 'layer_blocks'),
            )
            for i in range(4)
        },
    )
    with torch.no_grad():
        pyramid = neck(features)
    for level, feature in enumerate(pyramid):
        assert_close(feature, f'{tag}.fpn{level}')


def test_detection_by_class_embeddings(build, tmp_path):
    prompt = dict(
        type='ClassNamePrompt',
        classes=list('abcdef'),
        embeddings=embeddings_file(tmp_path, 'det', 6),
        adapter=dict(type='TextAdapter'),
    )
    backbone = build(prompt, attention=MAPS)
    backbone.prompt.adapter.load_state_dict(parity_tadp.adapter_state_dict('det'))
    images = parity_tadp.image('det256_emb', 2, 256)
    features = run(backbone, 'det256_emb', images)
    assert_close(features.context, 'det256_emb.context')
    assert_features_match(features, 'det256_emb')


def test_head_of_voc():
    """Everything up to the logits at the size of the picture."""
    channels = [32, 141, 205, 128]
    neck = MODELS.build(
        dict(type='LateralFPN', in_channels=channels, out_channels=256, num_outs=4)
    )
    laterals = {
        f'lateral_convs.{level}.conv': f'voc.decoder.p{2 + level}.skip_conv'
        for level in range(3)
    }
    laterals['lateral_convs.3.conv'] = 'voc.decoder.p5'
    parity_tadp.fill(neck, laterals)
    head = MODELS.build(
        dict(
            type='mmseg.FPNHead',
            in_channels=[256] * 4,
            in_index=[0, 1, 2, 3],
            feature_strides=[4, 8, 16, 32],
            channels=128,
            num_classes=6,
            norm_cfg=dict(type='GN', num_groups=32),
            align_corners=True,
        )
    ).eval()
    names = {'conv_seg': 'voc.segmentation_head.0'}
    for level, blocks in enumerate((1, 1, 2, 3)):
        for block in range(blocks):
            # An up-sampling stands behind every convolution but the finest level's.
            ours = f'scale_heads.{level}.{2 * block if level else block}'
            theirs = f'voc.decoder.seg_blocks.{3 - level}.block.{block}.block'
            names |= {f'{ours}.conv': f'{theirs}.0', f'{ours}.gn': f'{theirs}.1'}
    parity_tadp.fill(head, names)
    maps = [
        parity.gaussian(
            f'tadp.voc_head.in{level}', (2, count, 24 >> level, 40 >> level)
        )
        for level, count in enumerate(channels)
    ]
    with torch.no_grad():
        logits = head.predict_by_feat(head(neck(maps)), [dict(img_shape=(192, 320))])
    assert_close(logits, 'voc_head.logits')


def test_focal_loss_of_voc():
    classes = 6
    loss = MODELS.build(dict(type='ClassFocalLoss'))
    logits = parity.gaussian('tadp.focal.logits', (2, classes, 12, 16), 2.0)
    target = parity.random_state('tadp.focal.target').randint(0, 7, (2, 12, 16))
    target[target == classes] = 255
    assert (target == array('focal.target')).all()
    logits.requires_grad_()
    value = loss(logits, torch.from_numpy(target).long(), ignore_index=255)
    value.backward()
    assert_close(value.detach()[None], 'focal.value')
    assert_close(logits.grad, 'focal.grad')
