_base_ = [
    '../_base_/models/meta_prompts_sd15_td_hm.py',
    '../_base_/datasets/coco_keypoints_576x448.py',
    '../_base_/schedules/pose_210e.py',
    '../_base_/pose_runtime.py',
]
# From the paper: the size, UDP, AdamW with its learning rate, betas and decay, warm-up,
# epochs, milestones, 64 persons a step, the detected boxes. All else is ours, see the
# README.
model = dict(head=dict(decoder=_base_.codec))
# The UNet then trains at 5e-6, as in the released depth estimation, which shares the
# rest of the optimizer; the released segmentation has 8e-6.
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'backbone.unet': dict(lr_mult=0.01)})
)
auto_scale_lr = dict(base_batch_size=64)
