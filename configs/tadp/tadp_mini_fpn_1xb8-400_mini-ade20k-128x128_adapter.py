_base_ = './tadp_mini_fpn_1xb8-400_mini-ade20k-128x128.py'
# TADP(TA): with VPD's text adapter.
model = dict(backbone=dict(prompt=dict(adapter=dict(type='TextAdapter', gamma=1e-4))))
