_base_ = './sketch_retrieval.py'
# Sketchy, the second zero-shot split, that of Vermouth's released code: 104 seen and 21
# unseen classes.
pipeline = _base_.pipeline
pipeline[2].ann_file = 'data/sketchy/captions.json'
dataset = dict(data_root='data/sketchy', pipeline=pipeline)
seen_classes = 104
class_file = 'data/sketchy/zeroshot2/cname_cid.txt'
train_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file=dict(
            query='zeroshot2/sketch_tx_000000000000_ready_filelist_train.txt',
            gallery='zeroshot2/all_photo_filelist_train.txt',
        ),
        class_file='zeroshot2/cname_cid.txt',
        num_classes=seen_classes,
    ),
)
val_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file=dict(
            query='zeroshot2/sketch_tx_000000000000_ready_filelist_zero.txt',
            gallery='zeroshot2/all_photo_filelist_zero.txt',
        ),
        class_file='zeroshot2/cname_cid_zero.txt',
        num_classes=21,
    ),
)
test_dataloader = val_dataloader
