# Captioned scenes, drawn on the fly. The seed is not that of the mini data sets that
# perception configs train and evaluate on (0), so they share no scene.
data_seed = 1000
num_train_scenes = 16000
train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='MiniWorldCaptionDataset',
        num_scenes=num_train_scenes,
        split='train',
        seed=data_seed,
        size=128,
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='MiniWorldCaptionDataset',
        num_scenes=256,
        split='val',
        seed=data_seed,
        size=128,
    ),
)
test_dataloader = val_dataloader
