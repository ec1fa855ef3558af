_base_ = [
    '../_base_/models/tadp_faster_rcnn_mini_fpn.py',
    '../_base_/datasets/mini_voc0712_to_watercolor2k.py',
    '../_base_/schedules/tadp_mini_voc_detection_2e.py',
    '../_base_/detection_runtime.py',
]
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
model = dict(backbone=dict(pretrained='pretrained/mini-styles'))
