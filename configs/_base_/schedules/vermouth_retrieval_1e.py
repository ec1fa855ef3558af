_base_ = './epochs.py'
# The released retrieval: one epoch at a constant rate. It multiplies the rate by
# 0.001^(epoch / 20) after every epoch, which one epoch does not see.
optim_wrapper = dict(
    type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-4, weight_decay=5e-4)
)
train_cfg = dict(max_epochs=1)
default_hooks = dict(checkpoint=dict(save_best='retrieval/mAP@all'))
auto_scale_lr = dict(enable=False, base_batch_size=64)
