_base_ = './meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024.py'
# The second of two stages: Cityscapes from what the first one ended with. Its optimizer
# and schedule start anew.
load_from = (
    'work_dirs/meta-prompts_sd15_upernet_8xb1-80k_mapillary-1024x1024/iter_80000.pth'
)
