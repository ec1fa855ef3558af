_base_ = [
    '../_base_/models/faster_rcnn_sd15_fpn.py',
    '../_base_/datasets/coco_detection.py',
    '../_base_/schedules/detection_12e.py',
    '../_base_/detection_runtime.py',
]
