_base_ = './vermouth_sd15_text-fpn_2xb8-8k_ade20k-512x512.py'
# Without the expert (Table 6, "+ fuse").
model = dict(backbone=dict(expert=None))
