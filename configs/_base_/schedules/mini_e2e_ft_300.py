_base_ = './mini_marigold_300.py'
# The optimizer of `e2e_ft_20k.py`.
optim_wrapper = dict(
    optimizer=dict(type='AdamW', weight_decay=0.01), clip_grad=dict(max_norm=1.0)
)
