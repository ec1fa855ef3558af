_base_ = './coco_stuff.py'
# Trained on COCO-Stuff, tested on the full ADE20K with 847 classes.
test_pipeline = _base_.test_pipeline
test_pipeline[2] = dict(type='LoadWideLabels')
test_pipeline[3] = dict(
    _base_.captions, ann_file='data/ade/ADE20K_2021_17_01/captions.json'
)
target = dict(
    type='ADE20KFullDataset',
    data_root='data/ade/ADE20K_2021_17_01',
    data_prefix=dict(
        img_path='images_detectron2/validation',
        seg_map_path='annotations_detectron2/validation',
    ),
    pipeline=test_pipeline,
)
val_dataloader = dict(dataset=dict(_delete_=True, **target))
test_dataloader = dict(dataset=dict(_delete_=True, **target))
val_evaluator = dict(ignore_index=65535)
test_evaluator = val_evaluator
