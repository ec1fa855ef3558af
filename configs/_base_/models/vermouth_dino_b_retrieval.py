_base_ = './vermouth_timm_retrieval.py'
# DINO-B, frozen, with a linear adapter (Table 2).
model = dict(
    backbone=dict(model='vit_base_patch16_224.dino', input_size=224),
    head=dict(pool=dict(in_channels=768)),
)
