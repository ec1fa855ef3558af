_base_ = './sketch_retrieval.py'
# TU-Berlin: 220 seen and 30 unseen classes.
pipeline = _base_.pipeline
pipeline[2].ann_file = 'data/tu_berlin/captions.json'
dataset = dict(data_root='data/tu_berlin', pipeline=pipeline)
seen_classes = 220
class_file = 'data/tu_berlin/zeroshot/cname_cid.txt'
train_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file=dict(
            query='zeroshot/png_ready_filelist_train.txt',
            gallery='zeroshot/ImageResized_ready_filelist_train.txt',
        ),
        class_file='zeroshot/cname_cid.txt',
        num_classes=seen_classes,
    ),
)
val_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file=dict(
            query='zeroshot/png_ready_filelist_zero.txt',
            gallery='zeroshot/ImageResized_ready_filelist_zero.txt',
        ),
        class_file='zeroshot/cname_cid_zero.txt',
        num_classes=30,
    ),
)
test_dataloader = val_dataloader
