# Needs mmpose, which has no test-time augmentation beyond the estimator's flip test.
_base_ = './epoch_runtime.py'
default_scope = 'mmpose'
visualizer = dict(type='PoseLocalVisualizer')
tta_model = None
