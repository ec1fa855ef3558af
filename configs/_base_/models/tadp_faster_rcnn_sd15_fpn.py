_base_ = './vpd_faster_rcnn_sd15_fpn.py'
# TADP with Faster R-CNN: a caption of the picture. Every token has an attention map,
# and there is no adapter.
num_tokens = 77
model = dict(
    data_preprocessor=dict(type='TextDetDataPreprocessor', text_key='caption'),
    backbone=dict(prompt=dict(_delete_=True, type='TextPrompt', num_tokens=num_tokens)),
    neck=dict(in_channels=[320, 640 + num_tokens, 1280 + num_tokens, 1280]),
)
