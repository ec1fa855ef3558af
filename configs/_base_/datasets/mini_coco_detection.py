_base_ = ['./coco_detection.py', '../mini_coco_classes.py']
data_root = 'data/mini_coco'
resize = dict(scale=(128, 128))
train_pipeline = _base_.train_pipeline
train_pipeline[2].scale = resize['scale']
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = resize['scale']
dataset = dict(data_root=data_root, metainfo=dict(classes=_base_.coco_classes))
train_dataloader = dict(
    batch_size=8, num_workers=2, dataset=dict(**dataset, pipeline=train_pipeline)
)
val_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=f'{data_root}/annotations/instances_val2017.json')
test_evaluator = val_evaluator
