_base_ = './vermouth_mini_retrieval_1xb32-4e_mini-sketchy2-128x128_fuse.py'
# Without the U-head (Table 6, "baseline").
model = dict(
    neck=dict(_delete_=True, type='MeanFusion', channels=128),
    head=dict(pool=dict(in_channels=128)),
)
