import io
import json

import cv2
import numpy as np
from PIL import Image

from diffmm.mini_world.classes import ADE20K_INDEX, MINI_CLASSES
from diffmm.mini_world.layouts.encoding import (
    depth_png,
    jpeg,
    json_bytes,
    label_map,
    lines,
    palette_png,
    png,
)


def decode(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def test_png_keeps_every_value_and_the_order_of_the_channels():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (8, 9, 3), np.uint8)
    assert np.array_equal(decode(png(image))[..., ::-1], image)
    values = rng.integers(0, 65536, (8, 9), np.uint16)
    assert np.array_equal(decode(png(values)), values)


def test_jpeg_keeps_the_order_of_the_channels():
    image = np.zeros((16, 16, 3), np.uint8)
    image[..., 0] = 200
    decoded = decode(jpeg(image))[..., ::-1].astype(int)
    assert np.abs(decoded - image).max() < 4


def test_palette_png_holds_indices_and_colors():
    labels = np.array([[0, 3], [255, 7]], np.uint8)
    palette = np.arange(768).reshape(256, 3).astype(np.uint8)
    image = Image.open(io.BytesIO(palette_png(labels, palette)))
    assert image.mode == 'P'
    assert np.array_equal(np.array(image), labels)
    assert np.array_equal(np.array(image.convert('RGB')), palette[labels])


def test_depth_is_scaled_and_rounded():
    depth = np.array([[1.0, 2.0004, 9.9996]], np.float32)
    assert decode(depth_png(depth, 1000.0)).tolist() == [[1000, 2000, 10000]]
    assert decode(depth_png(depth, 256.0)).tolist() == [[256, 512, 2560]]


def test_unknown_and_too_large_depth_is_zero():
    depth = np.array([[0.0, np.inf, np.nan, -1.0, 65.6, 65.5]])
    assert decode(depth_png(depth, 1000.0)).tolist() == [[0, 0, 0, 0, 0, 65500]]


def test_json_and_lines():
    assert json.loads(json_bytes({'a': [1, 'é']})) == {'a': [1, 'é']}
    assert json_bytes([1]) == b'[1]\n'
    assert lines(['a b', 'c']) == b'a b\nc\n'
    assert lines([]) == b''


def test_every_class_gets_its_label(render):
    rendered = render('ade20k', 'train', 1)
    labels = {name: number for number, name in enumerate(MINI_CLASSES)}
    found = label_map(rendered, labels, 255)
    assert found.dtype == np.uint8
    index = np.array([ADE20K_INDEX[name] for name in MINI_CLASSES])
    assert np.array_equal(index[found], rendered.ade20k_index)


def test_other_classes_get_the_other_label(render):
    rendered = render('ade20k', 'train', 1)
    name = rendered.scene.objects[-1].name
    found = label_map(rendered, {name: 3}, 200)
    expected = np.where(rendered.ade20k_index == ADE20K_INDEX[name], 3, 200)
    assert np.array_equal(found, expected)
