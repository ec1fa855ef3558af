import math

import pytest
from mmpose.datasets.datasets.utils import parse_pose_metainfo

from diffmm.mini_world.scenes.pose import (
    KEYPOINTS,
    LOWER_ARM,
    LOWER_LEG,
    POSES,
    UPPER_ARM,
    UPPER_LEG,
    choose_pose,
    person_joints,
)

PAIRS = ('eye', 'ear', 'shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle')


def joints_of(pose, left=0.5, right=0.5):
    return person_joints((left, right, (POSES.index(pose) + 0.5) / len(POSES)))


def test_joints_are_cocos_seventeen_in_order():
    config = dict(from_file='configs/_base_/datasets/coco.py')
    coco = parse_pose_metainfo(config)['keypoint_id2name']
    assert KEYPOINTS == tuple(coco[index] for index in range(17))
    assert tuple(joints_of('standing')) == KEYPOINTS


def test_the_third_number_chooses_the_pose():
    assert choose_pose((0.1, 0.9, 0.0)) == POSES[0]
    assert choose_pose((0.1, 0.9, 0.9999)) == POSES[-1]


@pytest.mark.parametrize('pose', POSES)
def test_limbs_keep_their_length(pose):
    joints = joints_of(pose, 0.9, 0.1)
    for side in ('left', 'right'):
        for start, end, length in (
            ('shoulder', 'elbow', UPPER_ARM),
            ('elbow', 'wrist', LOWER_ARM),
            ('hip', 'knee', UPPER_LEG),
            ('knee', 'ankle', LOWER_LEG),
        ):
            found = math.dist(joints[f'{side}_{start}'], joints[f'{side}_{end}'])
            assert found == pytest.approx(length)


@pytest.mark.parametrize('pose', POSES)
def test_the_persons_left_is_on_the_viewers_right(pose):
    joints = joints_of(pose)
    for part in PAIRS:
        assert joints[f'left_{part}'][0] > 0 > joints[f'right_{part}'][0]


def test_poses_look_like_their_names():
    standing, waving = joints_of('standing'), joints_of('waving')
    raising, pointing = joints_of('raising'), joints_of('pointing')
    walking, akimbo = joints_of('walking'), joints_of('akimbo')
    for side in ('left', 'right'):
        assert standing[f'{side}_wrist'][1] < standing[f'{side}_hip'][1] + 0.05
        assert raising[f'{side}_wrist'][1] > raising[f'{side}_eye'][1]
        assert abs(akimbo[f'{side}_elbow'][0]) > abs(akimbo[f'{side}_wrist'][0])
    assert waving['left_wrist'][1] > waving['left_shoulder'][1]
    assert waving['right_wrist'] == standing['right_wrist']
    assert pointing['left_wrist'][0] > 0.38
    step = walking['left_ankle'][0] - walking['right_ankle'][0]
    assert step > 1.5 * (standing['left_ankle'][0] - standing['right_ankle'][0])


def test_individuals_of_a_pose_differ():
    assert joints_of('waving', 0.1) != joints_of('waving', 0.9)
