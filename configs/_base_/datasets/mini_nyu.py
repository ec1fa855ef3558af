_base_ = './nyu.py'
crop_size = (96, 96)
train_pipeline = _base_.train_pipeline
train_pipeline[4].crop_size = crop_size
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (533, 128)
dataset = dict(data_root='data/mini_nyu', expected_lines=None)
train_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
# NYUv2's crop is in pixels of its 480x640.
val_evaluator = dict(crop_type=None)
test_evaluator = val_evaluator
