_base_ = './open_vocabulary.py'
# COCO-Stuff 164k, 171 classes.
coco_captions = dict(
    _base_.captions, ann_file='data/coco_stuff164k/captions.json', parts=2
)
train_pipeline = [*_base_.train_pipeline[:5], coco_captions, _base_.pack]
test_pipeline = [*_base_.test_pipeline[:3], coco_captions, _base_.pack]
dataset = dict(type='COCOStuffDataset', data_root='data/coco_stuff164k')
train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        **dataset,
        data_prefix=dict(
            img_path='images/train2017', seg_map_path='annotations/train2017'
        ),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        **dataset,
        data_prefix=dict(img_path='images/val2017', seg_map_path='annotations/val2017'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
