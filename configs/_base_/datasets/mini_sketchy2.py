_base_ = './sketchy2.py'
# The mini world in this layout: 9 seen and 3 unseen classes.
pipeline = _base_.pipeline
pipeline[1].scale = (128, 128)
pipeline[2].ann_file = 'data/mini_captions/sketchy2.json'
dataset = dict(data_root='data/mini_sketchy2', pipeline=pipeline)
seen_classes = 9
class_file = 'data/mini_sketchy2/zeroshot2/cname_cid.txt'
train_dataloader = dict(
    batch_size=32, num_workers=1, dataset=dict(**dataset, num_classes=seen_classes)
)
val_dataloader = dict(
    batch_size=32, num_workers=1, dataset=dict(**dataset, num_classes=3)
)
test_dataloader = val_dataloader
# Trained on these seen classes.
expert_file = 'data/mini_expert/sketchy2/epoch_8.pth'
