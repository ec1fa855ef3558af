_base_ = './instruct_refcoco.py'
dataset = dict(dataset='refcocog', split_by='umd')
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader
