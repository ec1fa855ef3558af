_base_ = './meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024.py'
# Not in the paper: the empty string as the prompt, a control of Table 5a.
model = dict(
    backbone=dict(prompt=dict(_delete_=True, type='NullPrompt')),
    neck=dict(neck=dict(rearrange=False)),
    decode_head=dict(in_channels=[768] * 4),
    auxiliary_head=dict(in_channels=768),
)
