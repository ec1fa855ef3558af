_base_ = [
    '../_base_/models/vpd_faster_rcnn_mini_fpn.py',
    '../_base_/datasets/mini_voc0712_detection.py',
    '../_base_/schedules/tadp_mini_voc_detection_2e.py',
    '../_base_/detection_runtime.py',
]
# VPD's prompt: one token for each class.
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
model = dict(backbone=dict(prompt=dict(classes=_base_.mini_voc_names[1:])))
