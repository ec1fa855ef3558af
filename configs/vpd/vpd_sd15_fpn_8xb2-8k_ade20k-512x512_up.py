_base_ = './vpd_sd15_fpn_8xb2-8k_ade20k-512x512.py'
# Table 5: attention maps of the up-sampling blocks only.
model = dict(backbone=dict(attention=dict(stages=('up',))))
