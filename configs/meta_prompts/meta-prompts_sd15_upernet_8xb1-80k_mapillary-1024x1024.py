_base_ = './meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024.py'
# The first of two stages: Mapillary Vistas with Cityscapes' classes, so that all of the
# network goes on to the second. No config of it is released, only the mapping of the
# classes, and the paper says no more than that it comes first. Ours: the recipe of the
# second stage, validated on what the second stage is for, Cityscapes.
train_pipeline = _base_.train_pipeline
train_pipeline[1] = dict(type='LoadMappedLabels')
train_dataloader = dict(
    num_workers=8,
    dataset=dict(
        type='MapillaryCityscapesDataset',
        data_root='data/mapillary',
        data_prefix=dict(
            img_path='training/images', seg_map_path='training/v1.2/labels'
        ),
        pipeline=train_pipeline,
    ),
)
