_base_ = './sketch_retrieval.py'
# QuickDraw-Extended: 80 seen and 30 unseen classes, whose lists are called val.
pipeline = _base_.pipeline
pipeline[2].ann_file = 'data/quickdraw/captions.json'
dataset = dict(data_root='data/quickdraw', pipeline=pipeline)
seen_classes = 80
class_file = 'data/quickdraw/zeroshot/cname_cid.txt'
train_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file=dict(
            query='zeroshot/sketch_filelist_train.txt',
            gallery='zeroshot/photo_filelist_train.txt',
        ),
        class_file='zeroshot/cname_cid.txt',
        num_classes=seen_classes,
    ),
)
val_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file=dict(
            query='zeroshot/sketch_filelist_val.txt',
            gallery='zeroshot/photo_filelist_val.txt',
        ),
        class_file='zeroshot/cname_cid_zero.txt',
        num_classes=30,
    ),
)
test_dataloader = val_dataloader
