_base_ = [
    '../_base_/models/meta_prompts_sd15_upernet.py',
    '../_base_/datasets/cityscapes.py',
    '../_base_/schedules/vpd_80k.py',
    '../_base_/default_runtime.py',
]
num_classes = 19
model = dict(
    data_preprocessor=dict(size=_base_.crop_size),
    decode_head=dict(num_classes=num_classes, dropout_ratio=0.1),
    auxiliary_head=dict(num_classes=num_classes),
    test_cfg=dict(crop_size=_base_.crop_size, stride=(512, 512)),
)
# The schedule is VPD's on ADE20K, as released. The released launch command makes 8
# images a step; its multi-scale config says 16 at 1.6e-4, which --auto-scale-lr gives.
train_dataloader = dict(batch_size=1)
auto_scale_lr = dict(base_batch_size=8)
