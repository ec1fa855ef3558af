_base_ = './tadp_sd15_fpn_2xb8-4k_ade20k-512x512_oracle.py'
# Table S2: precision 0.5, recall 0.5.
oracle = dict(_base_.oracle, precision=0.5, recall=0.5)
train_pipeline = _base_.train_pipeline
train_pipeline[2] = oracle
test_pipeline = [*_base_.test_pipeline[:-2], oracle, _base_.pack]
tta_pipeline = _base_.tta_pipeline
tta_pipeline[1]['transforms'][-2] = [oracle]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
