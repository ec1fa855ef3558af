_base_ = [
    '../_base_/models/meta_prompts_sd15_td_hm.py',
    '../_base_/datasets/coco_keypoints.py',
    '../_base_/schedules/pose_210e.py',
    '../_base_/pose_runtime.py',
]
# From the paper: the size, UDP, AdamW with its learning rate, betas and decay, warm-up,
# epochs, milestones, 64 persons a step, the detected boxes. All else is ours, see the
# README. 2 cells of mmpose's 48x64 heatmaps are 4.5 of these; with a fraction, mmpose
# draws its Gaussians off their centre.
codec = dict(
    type='UDPHeatmap', input_size=(448, 576), heatmap_size=(112, 144), sigma=4.0
)
model = dict(head=dict(decoder=codec))
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(type='RandomHalfBody'),
    dict(type='RandomBBoxTransform'),
    dict(type='TopdownAffine', input_size=codec['input_size'], use_udp=True),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=codec['input_size'], use_udp=True),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(batch_size=8, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
# The UNet then trains at 5e-6, as in the released depth estimation, which shares the
# rest of the optimizer; the released segmentation has 8e-6.
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'backbone.unet': dict(lr_mult=0.01)})
)
auto_scale_lr = dict(base_batch_size=64)
