_base_ = './vpd_sd15_lavt_4xb8-40e_refcoco-512x512.py'
train_dataloader = dict(dataset=dict(dataset='refcoco+'))
val_dataloader = dict(dataset=dict(dataset='refcoco+'))
test_dataloader = val_dataloader
