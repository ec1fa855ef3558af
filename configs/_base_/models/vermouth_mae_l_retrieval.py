_base_ = './vermouth_timm_retrieval.py'
# MAE-L, frozen, with a linear adapter (Table 2).
model = dict(
    backbone=dict(model='vit_large_patch16_224.mae', input_size=224),
    head=dict(pool=dict(in_channels=1024)),
)
