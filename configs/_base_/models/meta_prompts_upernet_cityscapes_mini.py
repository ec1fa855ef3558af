_base_ = './meta_prompts_upernet_mini.py'
# What Cityscapes' full size changes, too. Six of its 19 classes occur.
num_classes = 19
model = dict(
    decode_head=dict(num_classes=num_classes, dropout_ratio=0.1),
    auxiliary_head=dict(num_classes=num_classes),
    test_cfg=dict(stride=(64, 64)),
)
