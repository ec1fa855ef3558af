_base_ = './mini_coco_stuff.py'
# Trained on COCO-Stuff's layout, tested on the other one's, with all of its classes.
test_pipeline = _base_.test_pipeline
test_pipeline[2] = dict(type='LoadAnnotations', reduce_zero_label=True)
test_pipeline[3] = dict(_base_.captions, ann_file='data/mini_captions/ade20k.json')
target = dict(
    type='ADE20KDataset',
    data_root='data/mini_ade20k',
    data_prefix=dict(
        img_path='images/validation', seg_map_path='annotations/validation'
    ),
    metainfo=dict(classes=_base_.classes),
    pipeline=test_pipeline,
)
val_dataloader = dict(dataset=dict(_delete_=True, **target))
test_dataloader = dict(dataset=dict(_delete_=True, **target))
