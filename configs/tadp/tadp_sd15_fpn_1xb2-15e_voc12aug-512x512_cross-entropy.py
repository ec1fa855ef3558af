_base_ = './tadp_sd15_fpn_1xb2-15e_voc12aug-512x512.py'
# The loss that the paper prints.
model = dict(decode_head=dict(loss_decode=dict(_delete_=True, type='CrossEntropyLoss')))
