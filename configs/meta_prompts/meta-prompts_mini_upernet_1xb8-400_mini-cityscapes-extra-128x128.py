_base_ = './meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128.py'
# The extra pictures are scenes of another seed, in the layout of Cityscapes.
load_from = (
    'work_dirs/meta-prompts_mini_upernet_1xb8-400_mini-mapillary-128x128_1-step/'
    'iter_400.pth'
)
model = dict(backbone=dict(refinement_steps=1))
dataset = _base_.train_dataloader.dataset
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[
            dataset,
            dict(dataset, data_root='data/mini_cityscapes_extra'),
        ],
    ),
)
