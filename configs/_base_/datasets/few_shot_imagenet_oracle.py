_base_ = './few_shot_imagenet.py'
# The prompts of Vermouth's released training: a sentence of the picture's own class.
oracle = dict(
    type='OracleCaption', class_file=_base_.split_file, template='a photo of a {}.'
)
pack = dict(type='PackPicture', keys=('img_path', 'gt_label', 'oracle_caption'))
train_pipeline = [*_base_.train_pipeline[:4], oracle, pack]
test_pipeline = [*_base_.test_pipeline[:3], oracle, pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
