_base_ = [
    '../_base_/models/tadp_faster_rcnn_sd15_fpn.py',
    '../_base_/datasets/voc0712_oracle.py',
    '../_base_/schedules/tadp_voc_detection_100e.py',
    '../_base_/detection_runtime.py',
]
# Oracle: the names of the classes of the annotation, at test, too.
model = dict(data_preprocessor=dict(text_key='oracle_caption', oracle=True))
