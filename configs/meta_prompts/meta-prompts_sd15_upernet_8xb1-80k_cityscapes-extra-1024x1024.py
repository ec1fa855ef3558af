_base_ = './meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024.py'
# What the released code trains for its best figure on Cityscapes ("w/ Mapillary") and
# the paper does not mention: the pictures of train_extra with automatic labels, and one
# pass only, so nothing is refined. It starts from a checkpoint on Mapillary.
load_from = (
    'work_dirs/meta-prompts_sd15_upernet_8xb1-80k_mapillary-1024x1024_1-step/'
    'iter_80000.pth'
)
model = dict(backbone=dict(refinement_steps=1))
dataset = _base_.train_dataloader.dataset
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[
            dataset,
            dict(
                dataset,
                data_prefix=dict(
                    img_path='leftImg8bit/train_extra',
                    seg_map_path='convert_autolabelled/train_extra',
                ),
            ),
        ],
    ),
)
