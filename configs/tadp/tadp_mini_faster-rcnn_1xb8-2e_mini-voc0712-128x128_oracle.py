_base_ = [
    '../_base_/models/tadp_faster_rcnn_mini_fpn.py',
    '../_base_/datasets/mini_voc0712_oracle.py',
    '../_base_/schedules/tadp_mini_voc_detection_2e.py',
    '../_base_/detection_runtime.py',
]
# Oracle: the names of the classes of the annotation, at test, too.
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
model = dict(data_preprocessor=dict(text_key='oracle_caption', oracle=True))
