_base_ = './mini_coco_stuff.py'
# Trained on COCO-Stuff's layout, tested on the other one's, with all of its classes.
test_pipeline = _base_.test_pipeline
test_pipeline[2] = dict(type='LoadWideLabels')
test_pipeline[3] = dict(
    _base_.captions, ann_file='data/mini_captions/pascal_context459.json'
)
target = dict(
    type='PascalContext459Dataset',
    data_root='data/mini_pascal_context459',
    data_prefix=dict(
        img_path='images/validation', seg_map_path='annotations_ctx459/validation'
    ),
    pipeline=test_pipeline,
)
val_dataloader = dict(dataset=dict(_delete_=True, **target))
test_dataloader = dict(dataset=dict(_delete_=True, **target))
val_evaluator = dict(ignore_index=65535)
test_evaluator = val_evaluator
