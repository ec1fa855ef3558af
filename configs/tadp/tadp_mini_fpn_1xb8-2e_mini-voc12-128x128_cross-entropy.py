_base_ = './tadp_mini_fpn_1xb8-2e_mini-voc12-128x128.py'
# The loss that the paper prints.
model = dict(decode_head=dict(loss_decode=dict(_delete_=True, type='CrossEntropyLoss')))
