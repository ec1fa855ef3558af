_base_ = ['./tadp_sd15_fpn.py', './smp_fpn.py']
model = dict(neck=_base_.smp_neck, decode_head=_base_.smp_head, test_cfg=_base_.whole)
