_base_ = [
    '../_base_/models/vpd_faster_rcnn_sd15_fpn.py',
    '../_base_/datasets/voc0712_detection.py',
    '../_base_/schedules/tadp_voc_detection_100e.py',
    '../_base_/detection_runtime.py',
]
# VPD's prompt: one token for each class, means of 80 templates.
model = dict(backbone=dict(prompt=dict(classes=_base_.voc_names[1:])))
