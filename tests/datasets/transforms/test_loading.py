import cv2
import numpy as np
import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401


def load(path, size=None, **options):
    transform = TRANSFORMS.build(dict(type='LoadMetricDepth', **options))
    results = dict(depth_map_path=str(path), seg_fields=[])
    if size is not None:
        results['ori_shape'] = size
    return transform(results)


def write(path, units):
    cv2.imwrite(str(path), units)
    return path


def millimeters(shape=(4, 6)):
    return np.random.default_rng(0).integers(500, 9000, shape).astype(np.uint16)


def test_meters(tmp_path):
    units = millimeters()
    units[0, 0] = 0
    results = load(write(tmp_path / 'a.png', units), (4, 6))
    depth = results['gt_depth_map']
    assert depth.dtype == np.float32
    assert depth == pytest.approx(units / 1000)
    assert results['seg_fields'] == ['gt_depth_map']
    assert results['depth_rescale_factor'] == 1e-3


def test_it_reads_what_the_host_reads(tmp_path):
    path = write(tmp_path / 'a.png', millimeters())
    host = TRANSFORMS.build(
        dict(type='mmseg.LoadDepthAnnotation', depth_rescale_factor=1 / 256)
    )
    expected = host(dict(depth_map_path=str(path), seg_fields=[]))['gt_depth_map']
    actual = load(path, depth_rescale_factor=1 / 256)['gt_depth_map']
    assert np.array_equal(actual, expected)


def test_a_map_without_a_measurement_is_left_to_the_loss(tmp_path):
    path = write(tmp_path / 'a.png', np.zeros((4, 6), np.uint16))
    assert not load(path)['gt_depth_map'].any()


@pytest.mark.parametrize(
    ('units', 'message'),
    [
        (np.ones((4, 6), np.uint8), r'has 1 channel\(s\) of uint8'),
        (np.ones((4, 6, 3), np.uint16), r'has 3 channel\(s\) of uint16'),
        (np.ones((4, 6, 4), np.uint8), r'has 4 channel\(s\) of uint8'),
    ],
)
def test_a_wrong_type_is_quoted(tmp_path, units, message):
    path = write(tmp_path / 'a.png', units)
    with pytest.raises(ValueError, match=f'a.png {message}; a depth map is a PNG'):
        load(path)


@pytest.mark.parametrize(
    ('units', 'factor', 'message'),
    [
        (9, 1e-3, r'at 0.009 m \(9 times depth_rescale_factor=0.001\)'),
        (9000, 1.0, r'at 9000 m \(9000 times depth_rescale_factor=1\)'),
    ],
)
def test_a_wrong_scale_is_quoted(tmp_path, units, factor, message):
    path = write(tmp_path / 'a.png', np.full((4, 6), units, np.uint16))
    with pytest.raises(ValueError, match=f'{message}, outside 0.1 to 1000 m.*millimet'):
        load(path, depth_rescale_factor=factor)


def test_damaged_and_foreign_files(tmp_path):
    path = write(tmp_path / 'a.png', millimeters())
    with pytest.raises(ValueError, match='a.png is 4x6 and its picture 6x4 pixels'):
        load(path, (6, 4))
    path.write_bytes(b'no picture')
    with pytest.raises(ValueError, match='a.png is no readable image'):
        load(path)
    path.write_bytes(b'')
    with pytest.raises(ValueError, match='a.png is no readable image'):
        load(path)


def test_a_picture_that_is_only_predicted_passes():
    transform = TRANSFORMS.build(dict(type='LoadMetricDepth'))
    assert transform(dict(img_path='a.jpg')) == dict(img_path='a.jpg')


def test_repr():
    transform = TRANSFORMS.build(dict(type='LoadMetricDepth', plausible=(0.2, 90.0)))
    assert 'depth_rescale_factor=0.001, plausible=(0.2, 90.0)' in repr(transform)


def load_labels(kind, path, mapping, reduce_zero_label=False):
    transform = TRANSFORMS.build(dict(type=kind))
    results = dict(
        seg_map_path=str(path),
        label_map=mapping,
        reduce_zero_label=reduce_zero_label,
        seg_fields=[],
    )
    return transform(results)


@pytest.fixture
def path(tmp_path):
    values = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / 'labels.png'), values)
    return tmp_path / 'labels.png'


@pytest.mark.parametrize('reduce_zero_label', [False, True])
@pytest.mark.parametrize(
    'mapping',
    # A chain shows whether one entry sees what another has done.
    [{1: 2, 2: 3, 3: 1, 9: 255}, dict.fromkeys(range(256), 7), None],
    ids=['chain', 'all', 'none'],
)
def test_the_result_is_the_hosts(path, mapping, reduce_zero_label):
    ours = load_labels('LoadMappedLabels', path, mapping, reduce_zero_label)
    theirs = load_labels('mmseg.LoadAnnotations', path, mapping, reduce_zero_label)
    assert np.array_equal(ours['gt_seg_map'], theirs['gt_seg_map'])
    assert ours['gt_seg_map'].dtype == np.uint8
    assert ours['seg_fields'] == ['gt_seg_map'] and ours['label_map'] == mapping


def load_wide(path, **more):
    load = TRANSFORMS.build(dict(type='LoadWideLabels'))
    return load(dict(seg_map_path=str(path), seg_fields=[], **more))


def test_wide_labels_are_kept(tmp_path):
    for name, dtype, most in (('a.tif', np.uint16, 65535), ('a.png', np.uint8, 255)):
        labels = np.array([[0, 7], [254, most]], dtype)
        cv2.imwrite(str(tmp_path / name), labels)
        results = load_wide(tmp_path / name)
        assert np.array_equal(results['gt_seg_map'], labels)
        assert results['gt_seg_map'].dtype == dtype
        assert results['seg_fields'] == ['gt_seg_map']


def test_what_is_no_map_of_labels_is_refused(tmp_path):
    path = tmp_path / 'a.png'
    cv2.imwrite(str(path), np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(ValueError, match=r'shape \(2, 2, 3\) and type uint8; a class'):
        load_wide(path)
    for content in (b'', b'half'):
        path.write_bytes(content)
        with pytest.raises(ValueError, match='a.png is no readable image'):
            load_wide(path)
    for more in (dict(reduce_zero_label=True), dict(label_map={1: 0})):
        with pytest.raises(ValueError, match='neither lowers nor renumbers'):
            load_wide(path, **more)
