_base_ = ['./coco_stuff.py', '../mini_open_vocabulary.py']
# The mini world in this layout, without the classes that are held out: their pixels are
# ignored.
crop_size = (128, 128)
train_pipeline = [_base_.train_pipeline[index] for index in (0, 1, 4, 5, 6)]
coco_captions = dict(
    _base_.coco_captions, ann_file='data/mini_captions/coco_stuff.json'
)
train_pipeline[3] = coco_captions
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (512, 128)
test_pipeline[3] = coco_captions
dataset = dict(
    data_root='data/mini_coco_stuff', metainfo=dict(classes=_base_.seen_in_coco)
)
train_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=8, num_workers=2, dataset=dict(**dataset, pipeline=test_pipeline)
)
test_dataloader = val_dataloader
val_evaluator = dict(trained=_base_.seen_names)
test_evaluator = val_evaluator
