_base_ = './meta_prompts_sd15_upernet.py'
# Cityscapes' classes and windows; the released dropout differs from ADE20K's.
num_classes = 19
model = dict(
    data_preprocessor=dict(size=(1024, 1024)),
    decode_head=dict(num_classes=num_classes, dropout_ratio=0.1),
    auxiliary_head=dict(num_classes=num_classes),
    test_cfg=dict(crop_size=(1024, 1024), stride=(512, 512)),
)
