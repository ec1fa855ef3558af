_base_ = './few_shot_imagenet.py'
# Pictures without captions, for models that read no text.
train_dataloader = dict(dataset=dict(pipeline=_base_.plain_train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.plain_test_pipeline))
test_dataloader = val_dataloader
