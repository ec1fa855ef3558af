_base_ = './vermouth_mini_text-fpn_1xb8-400_mini-ade20k-128x128_fuse.py'
# Without the U-head (Table 6, "baseline"): a convolution of every map, their mean.
model = dict(
    neck=dict(_delete_=True, type='MeanFusion', channels=64, size=None),
    decode_head=dict(in_channels=[64], in_index=[0], feature_strides=[4]),
)
