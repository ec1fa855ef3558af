_base_ = [
    '../_base_/models/timm_linear_probe.py',
    '../_base_/datasets/mini_coop.py',
    '../_base_/schedules/mini_linear_probe_8e.py',
    '../_base_/mini_classification_runtime.py',
]
# The expert alone in the place of the other methods of Table 4.
model = dict(
    backbone=dict(
        model='resnet18',
        pretrained='data/mini_expert/sketchy2/epoch_8.pth',
        input_size=64,
    ),
    head=dict(in_channels=512, num_classes=_base_.num_classes),
)
train_dataloader = dict(dataset=dict(pipeline=_base_.plain_train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.plain_test_pipeline))
test_dataloader = val_dataloader
