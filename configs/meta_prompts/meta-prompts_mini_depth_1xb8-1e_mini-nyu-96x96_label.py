_base_ = './meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96.py'
# The name of the scene as VPD's prompt.
model = dict(
    data_preprocessor=dict(type='TextSegDataPreProcessor', text_key='scene'),
    backbone=dict(
        prompt=dict(
            _delete_=True,
            type='SceneNamePrompt',
            dataset='NYUDepthListDataset',
            template='imagenet',
            unknown='error',
            adapter=dict(type='TextAdapter', gamma=1e-4),
        ),
    ),
    neck=dict(neck=dict(rearrange=False)),
    decode_head=dict(in_channels=_base_.width),
)
