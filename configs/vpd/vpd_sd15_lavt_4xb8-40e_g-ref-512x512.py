_base_ = './vpd_sd15_lavt_4xb8-40e_refcoco-512x512.py'
# Longer sentences: CLIP's full length instead of 40 tokens.
num_tokens = 77
model = dict(
    backbone=dict(prompt=dict(num_tokens=num_tokens)),
    decode_head=dict(in_channels=[320, 640 + num_tokens, 1280 + num_tokens, 1280]),
)
train_dataloader = dict(dataset=dict(dataset='refcocog', split_by='umd'))
val_dataloader = dict(dataset=dict(dataset='refcocog', split_by='umd'))
test_dataloader = val_dataloader
