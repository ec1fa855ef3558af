_base_ = './dreambooth_sd15_1xb1-1k_dark-zurich-512x512.py'
# The text of the supplement (D.1).
optim_wrapper = dict(optimizer=dict(lr=2e-6))
train_cfg = dict(max_iters=500)
