_base_ = [
    '../_base_/models/faster_rcnn_fpn_mini.py',
    '../_base_/datasets/mini_coco_detection.py',
    '../_base_/schedules/mini_detection_1e.py',
    '../_base_/detection_runtime.py',
]
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
