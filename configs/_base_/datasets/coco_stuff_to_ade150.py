_base_ = './coco_stuff.py'
# Trained on COCO-Stuff, tested on ADE20K with 150 classes.
test_pipeline = _base_.test_pipeline
test_pipeline[2] = dict(type='LoadAnnotations', reduce_zero_label=True)
test_pipeline[3] = dict(
    _base_.captions, ann_file='data/ade/ADEChallengeData2016/captions/ade20k_blip.json'
)
target = dict(
    type='ADE20KDataset',
    data_root='data/ade/ADEChallengeData2016',
    data_prefix=dict(
        img_path='images/validation', seg_map_path='annotations/validation'
    ),
    pipeline=test_pipeline,
)
val_dataloader = dict(dataset=dict(_delete_=True, **target))
test_dataloader = dict(dataset=dict(_delete_=True, **target))
