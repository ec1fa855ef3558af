_base_ = './meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024.py'
# Table 5a: a caption of every picture, all of its tokens.
# The paper says nothing else of this row. Prompts that are text guide no rearrangement
# here, which is the part of meta prompts; compare with Table 5d, first row.
# The captions are those of a captioning model, in a file of the form of TADP's.
captions = dict(
    type='LoadCaption',
    ann_file='data/cityscapes/captions/cityscapes_captions.json',
    parts=2,
)
meta_keys = (
    'img_path',
    'seg_map_path',
    'ori_shape',
    'img_shape',
    'pad_shape',
    'scale_factor',
    'flip',
    'flip_direction',
    'caption',
)
pack = dict(type='PackSegInputs', meta_keys=meta_keys)
train_pipeline = [*_base_.train_pipeline[:-1], captions, pack]
test_pipeline = [*_base_.test_pipeline[:-1], captions, pack]
tta_pipeline = [_base_.tta_pipeline[0], captions, _base_.tta_pipeline[1]]
tta_pipeline[2]['transforms'][-1] = [pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
model = dict(
    data_preprocessor=dict(type='TextSegDataPreProcessor', text_key='caption'),
    backbone=dict(
        prompt=dict(
            _delete_=True,
            type='ExpressionPrompt',
            num_tokens=77,
            adapter=dict(type='TextAdapter', gamma=1e-4),
        ),
    ),
    neck=dict(neck=dict(rearrange=False)),
    decode_head=dict(in_channels=[768] * 4),
    auxiliary_head=dict(in_channels=768),
)
