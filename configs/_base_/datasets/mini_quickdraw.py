_base_ = './quickdraw.py'
# The mini world in this layout: 9 seen and 3 unseen classes.
pipeline = _base_.pipeline
pipeline[1].scale = (128, 128)
pipeline[2].ann_file = 'data/mini_captions/quickdraw.json'
dataset = dict(data_root='data/mini_quickdraw', pipeline=pipeline)
seen_classes = 9
class_file = 'data/mini_quickdraw/zeroshot/cname_cid.txt'
train_dataloader = dict(
    batch_size=32, num_workers=1, dataset=dict(**dataset, num_classes=seen_classes)
)
val_dataloader = dict(
    batch_size=32, num_workers=1, dataset=dict(**dataset, num_classes=3)
)
test_dataloader = val_dataloader
# Trained on these seen classes.
expert_file = 'data/mini_expert/sketchy/epoch_8.pth'
