_base_ = './epoch_loaders.py'
# What data sets of sketch retrieval share: squashed to a square, without augmentation.
# One epoch has every sketch and every photo of the seen classes, in mixed batches; the
# released code has as many of both in each batch, and stops at the end of the shorter
# list. Sketches of unseen classes are the queries, photos of them the gallery.
captions = dict(type='LoadCaption', parts=2, only=True)
pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(256, 256), keep_ratio=False),
    captions,
    dict(type='PackPicture'),
]
dataset = dict(type='SketchRetrievalDataset')
train_dataloader = dict(batch_size=64, dataset=dataset)
val_dataloader = dict(batch_size=64, dataset=dataset)
test_dataloader = val_dataloader
val_evaluator = dict(type='RetrievalMetric')
test_evaluator = val_evaluator
