_base_ = './loaders.py'
# A few pictures of one style.
train_dataloader = dict(
    batch_size=1,
    collate_fn=dict(type='pseudo_collate'),
    sampler=dict(type='InfiniteSampler'),
    dataset=dict(type='PictureFolderDataset', size=512),
)
val_dataloader = None
test_dataloader = None
