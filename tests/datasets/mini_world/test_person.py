import math

import numpy as np
import pytest

from diffmm.datasets.mini_world.canvas import Canvas
from diffmm.datasets.mini_world.person import (
    LOWER_ARM,
    UPPER_ARM,
    draw_person,
    person_joints,
)

LIMBS = ('shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle')


def test_joints_are_named_as_in_coco():
    expected = {f'{side}_{limb}' for side in ('left', 'right') for limb in LIMBS}
    assert set(person_joints((0.5, 0.5, 0.5))) == expected | {'nose'}


@pytest.mark.parametrize('lift', [0.0, 0.4, 0.99])
def test_limbs_keep_their_length(lift):
    joints = person_joints((0.3, lift, 0.2))
    shoulder, elbow = joints['left_shoulder'], joints['left_elbow']
    assert math.dist(shoulder, elbow) == pytest.approx(UPPER_ARM)
    assert math.dist(elbow, joints['left_wrist']) == pytest.approx(LOWER_ARM)


def test_an_arm_can_hang_or_wave():
    hanging, waving = person_joints((0, 0, 0)), person_joints((0, 0.99, 0))
    assert hanging['left_wrist'][1] < hanging['left_shoulder'][1] - 0.2
    assert waving['left_wrist'][1] > waving['left_elbow'][1]
    assert waving['right_wrist'] == hanging['right_wrist']


def test_the_persons_left_is_on_the_viewers_right():
    joints = person_joints((0.5, 0.5, 0.5))
    for limb in LIMBS:
        assert joints[f'left_{limb}'][0] > 0 > joints[f'right_{limb}'][0]


def test_the_body_covers_its_joints():
    canvas = Canvas(120, 120, (60.0, 110.0), 100.0)
    variation = (0.4, 0.7, 0.2)
    draw_person(canvas, (208, 38, 38), variation)
    alpha = canvas.finish()[..., 3]
    for x, y in person_joints(variation).values():
        assert alpha[int(110 - 100 * y), int(60 + 100 * x)] > 0
    assert np.count_nonzero(alpha) > 1000
