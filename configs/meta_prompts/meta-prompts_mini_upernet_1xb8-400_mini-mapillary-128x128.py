_base_ = './meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128.py'
# The first of two stages, validated on the data of the second.
train_pipeline = _base_.train_pipeline
train_pipeline[1] = dict(type='LoadMappedLabels')
train_dataloader = dict(
    dataset=dict(
        type='MapillaryCityscapesDataset',
        data_root='data/mini_mapillary',
        data_prefix=dict(
            img_path='training/images', seg_map_path='training/v1.2/labels'
        ),
        pipeline=train_pipeline,
    ),
)
