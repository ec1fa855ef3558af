_base_ = './textual-inversion_sd15_1xb4-3k_dark-zurich-512x512.py'
# The text of the supplement (D.1).
train_cfg = dict(max_iters=1000)
