_base_ = [
    '../_base_/models/meta_prompts_sd15_upernet_cityscapes.py',
    '../_base_/datasets/cityscapes.py',
    '../_base_/schedules/vpd_80k.py',
    '../_base_/default_runtime.py',
]
# The schedule is VPD's on ADE20K, as released. The released launch command makes 8
# images a step; its multi-scale config says 16 at 1.6e-4, which --auto-scale-lr gives.
train_dataloader = dict(batch_size=1)
auto_scale_lr = dict(base_batch_size=8)
