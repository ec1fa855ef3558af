_base_ = [
    '../_base_/models/instructcv_mini.py',
    '../_base_/datasets/mini_query_segmentation.py',
    '../_base_/schedules/mini_instructcv_600.py',
    '../_base_/mini_generative_runtime.py',
]
# One task alone, beside the generalist.
model = dict(tasks=[dict(_base_.segmentation_queries, classes=_base_.classes)])
