_base_ = [
    '../_base_/models/meta_prompts_sd15_upernet.py',
    '../_base_/datasets/ade20k.py',
    '../_base_/schedules/vpd_80k.py',
    '../_base_/default_runtime.py',
]
# VPD's schedule is the released one here as well: its keys leave prompts and time
# embeddings at the full learning rate, with decay. The paper has 16 images a step, the
# released launch command makes 8 of them at the same learning rate.
train_dataloader = dict(batch_size=1)
auto_scale_lr = dict(base_batch_size=8)
