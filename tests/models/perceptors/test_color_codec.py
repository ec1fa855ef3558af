"""Answers as colors that fill the picture."""

from __future__ import annotations

import pytest
from mmengine.structures import BaseDataElement

from tests.models.perceptors.queries_case import COLORS, GRAY, build, samples


def test_what_is_missing_is_named():
    codec = build(COLORS['codec'])
    bare = BaseDataElement(metainfo=dict(img_path='a.jpg'))
    with pytest.raises(ValueError, match="a.jpg has no 'answer'.*DrawQuery"):
        codec.encode([bare], GRAY)
    with pytest.raises(ValueError, match='size of its image, got none'):
        codec.encode(samples()[3:])
