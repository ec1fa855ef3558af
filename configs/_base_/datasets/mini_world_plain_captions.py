_base_ = './loaders.py'
# Scenes of a seed that no experiment trains or tests on.
styles = dict(day=0.5, night=0.1, fog=0.1, watercolor=0.1, comic=0.1, sketch=0.1)
dataset = dict(
    type='MiniWorldCaptionDataset',
    seed=4000,
    size=128,
    styles=styles,
    plain_captions=True,
)
train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    collate_fn=dict(type='pseudo_collate'),
    sampler=dict(_delete_=True, type='InfiniteSampler'),
    dataset=dict(**dataset, num_scenes=4000, split='train', keep_images=True),
)
val_dataloader = dict(
    batch_size=50,
    num_workers=1,
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(**dataset, num_scenes=300, split='val', keep_images=True),
)
test_dataloader = val_dataloader
