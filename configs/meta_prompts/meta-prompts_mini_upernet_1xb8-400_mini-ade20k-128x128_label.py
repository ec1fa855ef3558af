_base_ = './meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128.py'
# The names of the classes as VPD's prompt.
model = dict(
    backbone=dict(
        prompt=dict(
            _delete_=True,
            type='ClassNamePrompt',
            classes=_base_.classes,
            template='vpd',
            adapter=dict(type='TextAdapter', gamma=1e-4),
        ),
    ),
    neck=dict(neck=dict(rearrange=False)),
    decode_head=dict(in_channels=[_base_.width] * 4),
    auxiliary_head=dict(in_channels=_base_.width),
)
