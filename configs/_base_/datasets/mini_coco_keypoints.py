_base_ = './coco_keypoints.py'
data_root = 'data/mini_coco'
codec = dict(type='UDPHeatmap', input_size=(96, 128), heatmap_size=(24, 32), sigma=2.0)
affine = dict(input_size=codec['input_size'])
dataset = dict(data_root=data_root)
# Half bodies and turned ones would need a longer schedule.
train_pipeline = [_base_.train_pipeline[index] for index in (0, 1, 2, 5, 6, 7)]
train_pipeline[3].input_size = codec['input_size']
train_pipeline[4].encoder = codec
test_pipeline = _base_.test_pipeline
test_pipeline[2].input_size = codec['input_size']
train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    dataset=dict(**dataset, pipeline=train_pipeline),
)
# The mini world has no detections: validation takes the annotated boxes.
val_dataloader = dict(
    num_workers=2,
    dataset=dict(**dataset, pipeline=test_pipeline, bbox_file=None),
)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=f'{data_root}/annotations/person_keypoints_val2017.json')
test_evaluator = val_evaluator
