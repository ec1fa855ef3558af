_base_ = './sketch_retrieval.py'
# Sketchy, the first zero-shot split: 100 seen and 25 unseen classes.
pipeline = _base_.pipeline
pipeline[2].ann_file = 'data/sketchy/captions.json'
dataset = dict(data_root='data/sketchy', pipeline=pipeline)
seen_classes = 100
class_file = 'data/sketchy/zeroshot1/cname_cid.txt'
train_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file=dict(
            query='zeroshot1/sketch_tx_000000000000_ready_filelist_train.txt',
            gallery='zeroshot1/all_photo_filelist_train.txt',
        ),
        class_file='zeroshot1/cname_cid.txt',
        num_classes=seen_classes,
    ),
)
val_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file=dict(
            query='zeroshot1/sketch_tx_000000000000_ready_filelist_zero.txt',
            gallery='zeroshot1/all_photo_filelist_zero.txt',
        ),
        class_file='zeroshot1/cname_cid_zero.txt',
        num_classes=25,
    ),
)
test_dataloader = val_dataloader
