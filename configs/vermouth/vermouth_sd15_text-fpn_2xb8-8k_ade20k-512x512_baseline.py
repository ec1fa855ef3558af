_base_ = './vermouth_sd15_text-fpn_2xb8-8k_ade20k-512x512_fuse.py'
# Without the U-head (Table 6, "baseline"): a convolution of every map, their mean.
model = dict(
    neck=dict(_delete_=True, type='MeanFusion', channels=256, size=None),
    decode_head=dict(in_channels=[256], in_index=[0], feature_strides=[4]),
)
