_base_ = './coco_stuff.py'
# Trained on COCO-Stuff, tested on PASCAL-Context with 459 classes.
test_pipeline = _base_.test_pipeline
test_pipeline[2] = dict(type='LoadWideLabels')
test_pipeline[3] = dict(_base_.captions, ann_file='data/pascal_ctx_d2/captions.json')
target = dict(
    type='PascalContext459Dataset',
    data_root='data/pascal_ctx_d2',
    data_prefix=dict(
        img_path='images/validation', seg_map_path='annotations_ctx459/validation'
    ),
    pipeline=test_pipeline,
)
val_dataloader = dict(dataset=dict(_delete_=True, **target))
test_dataloader = dict(dataset=dict(_delete_=True, **target))
val_evaluator = dict(ignore_index=65535)
test_evaluator = val_evaluator
