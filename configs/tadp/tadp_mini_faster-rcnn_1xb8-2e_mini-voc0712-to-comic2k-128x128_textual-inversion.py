_base_ = './tadp_mini_faster-rcnn_1xb8-2e_mini-voc0712-to-comic2k-128x128.py'
words = 'pretrained/mini_textual_inversion/comic/learned_embeds.safetensors'
model = dict(backbone=dict(learned_words=[words]))
# Released: at test only.
test_pipeline = _base_.test_pipeline
test_pipeline[-2].modifier = 'textual_inversion'
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
