_base_ = [
    '../_base_/models/tadp_faster_rcnn_sd15_fpn.py',
    '../_base_/datasets/voc0712_captions.py',
    '../_base_/schedules/tadp_voc_detection_100e.py',
    '../_base_/detection_runtime.py',
]
