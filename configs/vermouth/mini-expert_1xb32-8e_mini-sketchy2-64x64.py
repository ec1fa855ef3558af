_base_ = [
    '../_base_/models/mini_expert.py',
    '../_base_/datasets/mini_sketchy2.py',
    '../_base_/mini_expert_photos.py',
    '../_base_/schedules/mini_expert_8e.py',
    '../_base_/mini_retrieval_runtime.py',
]
# The expert of the minis with these unseen classes. It learns the photos of the others,
# and nothing is retrieved in its training.
photos = dict(_delete_=True, gallery='zeroshot2/all_photo_filelist_train.txt')
train_dataloader = dict(
    dataset=dict(ann_file=photos, pipeline=_base_.expert_pipeline),
)
val_cfg = val_dataloader = val_evaluator = None
test_cfg = test_dataloader = test_evaluator = None
