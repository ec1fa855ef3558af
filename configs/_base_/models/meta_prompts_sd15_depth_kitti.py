_base_ = './meta_prompts_sd15_depth.py'
# KITTI's windows and depths.
model = dict(
    # Windows of 352 are resized to 448.
    input_scale=448 / 352,
    data_preprocessor=dict(size=(352, 352)),
    decode_head=dict(max_depth=80.0, feature_scale=352 / 448),
    # Seventeen windows, with mirror images. The released test has sixteen and leaves
    # the last nine columns out.
    test_cfg=dict(crop_size=(352, 352), stride=(57, 57)),
)
