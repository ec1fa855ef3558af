_base_ = [
    './meta-prompts_mini_upernet_1xb8-400_mini-mapillary-cityscapes-128x128.py',
    '../_base_/datasets/cityscapes_submission.py',
]
# For tools/test.py. The mini world has no test split: the submission files are those of
# the validation pictures, whose labels are not loaded.
prefix = dict(_base_.test_prefix, img_path='leftImg8bit/val')
test_pipeline = [_base_.test_pipeline[index] for index in (0, 1, 3)]
tta_pipeline = _base_.tta_pipeline
del tta_pipeline[1]['transforms'][2]
test_dataloader = dict(dataset=dict(data_prefix=prefix, pipeline=test_pipeline))
test_evaluator = _base_.submission
