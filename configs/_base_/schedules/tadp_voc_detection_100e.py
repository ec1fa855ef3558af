_base_ = './vpd_lavt_40e.py'
# The released TADP on VOC's boxes: the UNet at the full learning rate, since nothing
# reads the factors of its parameter groups (the paper says a tenth), and a constant
# rate, since the released one divides epochs by iterations. Epochs are the paper's; the
# released scripts ask for 10 with an option that does not exist.
optim_wrapper = dict(optimizer=dict(lr=1e-5))
param_scheduler = []
train_cfg = dict(max_epochs=100, val_interval=10)
default_hooks = dict(
    checkpoint=dict(save_best='voc12/mAP'),
    visualization=dict(type='DetVisualizationHook'),
)
# The learning rate above belongs to 1 GPU x 2 images.
auto_scale_lr = dict(base_batch_size=2)
