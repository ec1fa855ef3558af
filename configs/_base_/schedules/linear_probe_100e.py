_base_ = './vermouth_100e.py'
# The paper does not say how it fits the linear layer.
optim_wrapper = dict(optimizer=dict(lr=1e-3), clip_grad=None)
