_base_ = ['./epoch_loaders.py', './shape_keys.py']
# What data sets of metric depth share.
meta_keys = ('img_path', 'depth_map_path', *_base_.shape_keys)
train_dataloader = dict(num_workers=8)
val_dataloader = dict(dataset=dict(test_mode=True))
test_dataloader = val_dataloader
val_evaluator = dict(type='PerImageDepthMetric', min_depth_eval=1e-3)
test_evaluator = val_evaluator
