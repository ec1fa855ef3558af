_base_ = [
    '../_base_/models/meta_prompts_sd15_depth.py',
    '../_base_/datasets/kitti.py',
    '../_base_/schedules/vpd_depth_25e.py',
    '../_base_/default_runtime.py',
]
log_processor = dict(by_epoch=True)
model = dict(
    # Windows of 352 are resized to 448.
    input_scale=448 / 352,
    data_preprocessor=dict(size=_base_.crop_size),
    decode_head=dict(max_depth=_base_.max_depth, feature_scale=352 / 448),
    # Seventeen windows, with mirror images. The released test has sixteen and leaves
    # the last nine columns out.
    test_cfg=dict(crop_size=_base_.crop_size, stride=(57, 57)),
)
