_base_ = './vermouth_sd15_retrieval_1xb64-1e_sketchy2-256x256.py'
# Without the expert (Table 6, "+ fuse").
model = dict(backbone=dict(expert=None))
