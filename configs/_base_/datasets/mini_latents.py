_base_ = './mini_world_captions.py'
# Written by tools/encoders/encode_latents.py: the trained VAE, and what it
# makes of the training and validation scenes.
data_root = 'data/mini_latents'
dataset_type = 'LatentCaptionDataset'
train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    dataset=dict(_delete_=True, type=dataset_type, data_root=f'{data_root}/train'),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=1,
    dataset=dict(_delete_=True, type=dataset_type, data_root=f'{data_root}/val'),
)
test_dataloader = val_dataloader
