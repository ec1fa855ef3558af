_base_ = './vermouth_mini_retrieval_1xb32-4e_mini-sketchy2-128x128.py'
# Without the expert (Table 6, "+ fuse").
model = dict(backbone=dict(expert=None))
