_base_ = [
    '../_base_/models/instructcv_sd15.py',
    '../_base_/datasets/query_depth.py',
    '../_base_/instructcv_runtime.py',
    '../_base_/schedules/instructcv_20e.py',
]
# One task alone, beside the generalist.
model = dict(tasks=[_base_.depth_queries])
