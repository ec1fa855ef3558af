_base_ = './mini_voc0712_captions.py'
# The validation scenes in the other style, with all classes of VOC that occur.
target_captions = dict(
    type='LoadCaption', ann_file='data/mini_captions/watercolor.json', extension=False
)
domain = dict(type='TargetDomainText', domain='watercolor', modifier='null')
test_pipeline = [*_base_.test_pipeline[:-2], target_captions, domain, _base_.pack]
val_dataloader = dict(
    dataset=dict(
        data_root='data/mini_watercolor',
        ann_file='watercolor/ImageSets/Main/test.txt',
        data_prefix=dict(sub_data_root='watercolor/'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
