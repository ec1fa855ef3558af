_base_ = './vermouth_mini_text-fpn_1xb8-400_mini-ade20k-128x128.py'
# Without the expert (Table 6, "+ fuse").
model = dict(backbone=dict(expert=None))
