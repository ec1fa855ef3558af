_base_ = './ade20k_oracle.py'
# The prompts of Vermouth's released segmentation: sentences of the classes of the
# annotation, at test, too. The released code leaves out the last class of a picture.
oracle = dict(
    _base_.oracle,
    separator=',',
    template=[
        'There are {} in the scene.',
        'There is the {} in the scene.',
        'a photo of {} in the scene.',
        'a photo of the {} in the scene.',
        'a photo of one {} in the scene.',
    ],
)
train_pipeline = [
    *_base_.train_pipeline[:2],
    oracle,
    *_base_.train_pipeline[3:6],
    _base_.pack,
]
test_pipeline = [*_base_.test_pipeline[:-2], oracle, _base_.pack]
tta_pipeline = _base_.tta_pipeline
tta_pipeline[1]['transforms'][-2] = [oracle]
train_dataloader = dict(batch_size=8, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
