# Needs mmpose, which has no test-time augmentation beyond the estimator's flip test.
_base_ = './default_runtime.py'
default_scope = 'mmpose'
visualizer = dict(type='PoseLocalVisualizer')
log_processor = dict(by_epoch=True)
tta_model = None
