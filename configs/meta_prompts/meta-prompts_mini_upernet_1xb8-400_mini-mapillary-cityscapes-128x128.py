_base_ = './meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128.py'
# The second of two stages: Cityscapes from what the first one ended with. Its optimizer
# and schedule start anew.
load_from = (
    'work_dirs/meta-prompts_mini_upernet_1xb8-400_mini-mapillary-128x128/iter_400.pth'
)
