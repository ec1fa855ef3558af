_base_ = './meta_prompts_depth_mini.py'
# What KITTI's full size changes, too. The last window of a row is less than a stride
# from the one before, as there.
model = dict(decode_head=dict(max_depth=80.0), test_cfg=dict(stride=(12, 12)))
