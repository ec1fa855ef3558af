_base_ = './meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024.py'
# Table 5a: the names of the classes as VPD's prompt.
# The paper says nothing else of this row. Prompts that are text guide no rearrangement
# here, which is the part of meta prompts; compare with Table 5d, first row.
model = dict(
    backbone=dict(
        prompt=dict(
            _delete_=True,
            type='ClassNamePrompt',
            dataset='CityscapesDataset',
            template='vpd',
            adapter=dict(type='TextAdapter', gamma=1e-4),
        ),
    ),
    neck=dict(neck=dict(rearrange=False)),
    decode_head=dict(in_channels=[768] * 4),
    auxiliary_head=dict(in_channels=768),
)
