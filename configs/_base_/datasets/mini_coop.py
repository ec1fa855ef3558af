_base_ = './few_shot.py'
# The mini world in this layout: 12 classes.
num_classes = 12
split_file = 'data/mini_coop/split_zhou_MiniWorld.json'
template = 'a photo of a {}.'
train_pipeline = _base_.train_pipeline
test_pipeline = _base_.test_pipeline
plain_train_pipeline = _base_.plain_train_pipeline
plain_test_pipeline = _base_.plain_test_pipeline
train_pipeline[1].scale = test_pipeline[1].scale = (100000, 128)
train_pipeline[2].crop_size = test_pipeline[2].crop_size = (128, 128)
plain_train_pipeline[1].scale = plain_test_pipeline[1].scale = (100000, 128)
plain_train_pipeline[2].crop_size = plain_test_pipeline[2].crop_size = (128, 128)
train_pipeline[4].ann_file = test_pipeline[3].ann_file = 'data/mini_captions/coop.json'
dataset = dict(
    data_root='data/mini_coop',
    ann_file='split_zhou_MiniWorld.json',
    data_prefix=dict(img_path='images'),
    num_classes=num_classes,
)
train_dataloader = dict(
    batch_size=32, num_workers=1, dataset=dict(**dataset, pipeline=train_pipeline)
)
val_dataloader = dict(
    batch_size=32, num_workers=1, dataset=dict(**dataset, pipeline=test_pipeline)
)
test_dataloader = val_dataloader
