_base_ = './vermouth_timm_retrieval.py'
# SwinV2-L, frozen, with a linear adapter (Table 2).
model = dict(
    backbone=dict(
        model='swinv2_large_window12to16_192to256.ms_in22k_ft_in1k', input_size=256
    ),
    head=dict(pool=dict(in_channels=1536)),
)
