_base_ = './vermouth_mini_8e.py'
optim_wrapper = dict(clip_grad=None)
