_base_ = './iterations.py'
# A personalization validates nothing: what it learned is measured by the pictures
# that are drawn with it. The learning rate is constant.
val_cfg = None
test_cfg = None
optim_wrapper = dict(
    type='OptimWrapper', optimizer=dict(type='AdamW', weight_decay=1e-2)
)
