_base_ = './refcoco.py'
# The whole picture, squashed, as for VPD. ADDP's size is not known; InstructPix2Pix
# trains at 256 pixels. The last key is what timestep and noise belong to.
meta_keys = (*_base_.meta_keys, 'sample_idx')
resize = dict(scale=(256, 256))
train_pipeline = _base_.train_pipeline
train_pipeline[3].scale = resize['scale']
train_pipeline[4].meta_keys = meta_keys
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = resize['scale']
test_pipeline[3].meta_keys = meta_keys
train_dataloader = dict(
    batch_size=32, num_workers=8, dataset=dict(pipeline=train_pipeline)
)
val_dataloader = dict(batch_size=8, dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
