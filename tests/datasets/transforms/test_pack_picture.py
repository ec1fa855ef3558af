import numpy as np
import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401  registers the transform


def test_pixels_and_keys():
    pack = TRANSFORMS.build(dict(type='PackPicture', keys=('gt_label', 'role')))
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    packed = pack(dict(img=image, gt_label=3, role='query', more=1))
    assert packed['inputs'].numpy().transpose(1, 2, 0).tolist() == image.tolist()
    assert packed['data_samples'].metainfo == dict(gt_label=3, role='query')
    with pytest.raises(KeyError, match=r"a.png has no \['role'\]; it has"):
        pack(dict(img=image, img_path='a.png', gt_label=3))
