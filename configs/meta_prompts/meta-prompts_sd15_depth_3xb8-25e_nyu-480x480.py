_base_ = [
    '../_base_/models/meta_prompts_sd15_depth.py',
    '../_base_/datasets/nyu.py',
    # VPD's, as released: prompts and time embeddings train like the head, with decay.
    '../_base_/schedules/vpd_depth_25e.py',
    '../_base_/epoch_runtime.py',
]
