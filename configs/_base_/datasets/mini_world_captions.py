_base_ = './loaders.py'
# Captioned scenes, drawn on the fly. The seed is not that of the mini data sets that
# perception configs train and evaluate on (0), so they share no scene.
dataset = dict(type='MiniWorldCaptionDataset', seed=1000, size=128)
train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    collate_fn=dict(type='pseudo_collate'),
    sampler=dict(type='InfiniteSampler'),
    dataset=dict(**dataset, num_scenes=16000, split='train'),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=2,
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(**dataset, num_scenes=256, split='val'),
)
test_dataloader = val_dataloader
