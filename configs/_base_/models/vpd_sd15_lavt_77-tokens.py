_base_ = './vpd_sd15_lavt.py'
# For longer sentences: CLIP's full length.
num_tokens = 77
model = dict(
    backbone=dict(prompt=dict(num_tokens=num_tokens)),
    decode_head=dict(in_channels=[320, 640 + num_tokens, 1280 + num_tokens, 1280]),
)
