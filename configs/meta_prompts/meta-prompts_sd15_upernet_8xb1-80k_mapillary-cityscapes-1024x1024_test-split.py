_base_ = [
    './meta-prompts_sd15_upernet_8xb1-80k_mapillary-cityscapes-1024x1024.py',
    '../_base_/datasets/cityscapes_submission.py',
]
# For tools/test.py: the submission files of the paper's 86.2 on the test split, which
# has no labels to load.
test_pipeline = [_base_.test_pipeline[index] for index in (0, 1, 3)]
tta_pipeline = _base_.tta_pipeline
del tta_pipeline[1]['transforms'][2]
test_dataloader = dict(
    dataset=dict(data_prefix=_base_.test_prefix, pipeline=test_pipeline)
)
test_evaluator = _base_.submission
