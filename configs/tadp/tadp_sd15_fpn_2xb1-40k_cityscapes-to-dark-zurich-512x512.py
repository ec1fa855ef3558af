_base_ = [
    '../_base_/models/tadp_sd15_fpn_cityscapes.py',
    '../_base_/datasets/cityscapes_to_dark_zurich.py',
    '../_base_/schedules/tadp_40k.py',
    '../_base_/default_runtime.py',
]
# Captions that name no domain, the paper's null.
train_dataloader = dict(batch_size=1)
