_base_ = './kitti.py'
kb_crop_size = (96, 128)
crop_size = (96, 96)
train_pipeline = _base_.train_pipeline
train_pipeline[2].crop_size = kb_crop_size
train_pipeline[5].crop_size = crop_size
test_pipeline = _base_.test_pipeline
test_pipeline[2].crop_size = kb_crop_size
dataset = dict(data_root='data/mini_kitti', expected_lines=None)
train_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
