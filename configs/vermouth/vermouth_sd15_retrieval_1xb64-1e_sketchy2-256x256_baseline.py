_base_ = './vermouth_sd15_retrieval_1xb64-1e_sketchy2-256x256_fuse.py'
# Without the U-head (Table 6, "baseline").
model = dict(
    neck=dict(_delete_=True, type='MeanFusion'),
    head=dict(pool=dict(in_channels=512)),
)
