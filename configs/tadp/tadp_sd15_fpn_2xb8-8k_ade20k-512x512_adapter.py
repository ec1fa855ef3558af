_base_ = './tadp_sd15_fpn_2xb8-8k_ade20k-512x512.py'
# TADP(TA)-20: with VPD's text adapter.
model = dict(backbone=dict(prompt=dict(adapter=dict(type='TextAdapter', gamma=1e-4))))
