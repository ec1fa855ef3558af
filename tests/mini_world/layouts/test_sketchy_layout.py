import cv2
import numpy as np

from tests.mini_world.jpeg_round_trip import jpeg_round_trip


def test_sketches_and_photos_show_the_objects(worlds, render):
    root = worlds / 'sketchy/256x256'
    sketches = sorted(root.glob('sketch/tx_000000000000_ready/*/val_*.png'))
    assert len(sketches) > 10
    for path in sketches:
        _, index, number = path.stem.split('_')
        truth, number = render('sketchy', 'val', int(index)), int(number)
        sketch = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(sketch, truth.object_sketch(number))
        name = f'photo/tx_000000000000_ready/{path.parent.name}/{path.stem}.jpg'
        photo = cv2.imread(str(root / name))[..., ::-1]
        assert np.array_equal(photo, jpeg_round_trip(truth.object_crop(number)))
