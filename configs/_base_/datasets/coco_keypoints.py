_base_ = './loaders.py'
data_root = 'data/coco'
# mmpose's inference functions read these two by their names.
dataset_type = 'CocoDataset'
data_mode = 'topdown'
codec = dict(type='UDPHeatmap', input_size=(192, 256), heatmap_size=(48, 64), sigma=2.0)
affine = dict(type='TopdownAffine', input_size=codec['input_size'], use_udp=True)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(type='RandomHalfBody'),
    dict(type='RandomBBoxTransform'),
    affine,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    affine,
    dict(type='PackPoseInputs'),
]
dataset = dict(type=dataset_type, data_root=data_root, data_mode=data_mode)
train_dataloader = dict(
    batch_size=32,
    dataset=dict(
        **dataset,
        ann_file='annotations/person_keypoints_train2017.json',
        data_prefix=dict(img='train2017/'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=32,
    drop_last=False,
    sampler=dict(round_up=False),
    dataset=dict(
        **dataset,
        ann_file='annotations/person_keypoints_val2017.json',
        # The boxes of a person detector that mmpose's documentation offers.
        bbox_file=f'{data_root}/person_detection_results/'
        'COCO_val2017_detections_AP_H_56_person.json',
        data_prefix=dict(img='val2017/'),
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type='CocoMetric',
    ann_file=f'{data_root}/annotations/person_keypoints_val2017.json',
)
test_evaluator = val_evaluator
