_base_ = './tadp_sd15_fpn_2xb1-40k_cityscapes-to-dark-zurich-512x512.py'
words = 'pretrained/textual_inversion/night/learned_embeds.safetensors'
model = dict(backbone=dict(learned_words=[words]))
train_pipeline, test_pipeline = _base_.train_pipeline, _base_.test_pipeline
train_pipeline[-2].modifier = test_pipeline[-2].modifier = 'textual_inversion'
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
