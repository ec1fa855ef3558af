_base_ = [
    '../_base_/models/td_hm_mini.py',
    '../_base_/datasets/mini_coco_keypoints.py',
    '../_base_/schedules/mini_pose_2e.py',
    '../_base_/pose_runtime.py',
]
model = dict(head=dict(decoder=_base_.codec))
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
