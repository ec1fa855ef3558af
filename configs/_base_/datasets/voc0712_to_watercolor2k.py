_base_ = './voc0712_captions.py'
# Watercolor2k has six of VOC's classes. The model predicts all twenty, and the
# means are over those that have objects.
root = 'data/cross-domain-detection'
target_captions = dict(
    type='LoadCaption',
    ann_file=f'{root}/captions/watercolor_captions.json',
    extension=False,
)
domain = dict(type='TargetDomainText', domain='watercolor', modifier='null')
test_pipeline = [*_base_.test_pipeline[:-2], target_captions, domain, _base_.pack]
val_dataloader = dict(
    dataset=dict(
        data_root=f'{root}/datasets',
        ann_file='watercolor/ImageSets/Main/test.txt',
        data_prefix=dict(sub_data_root='watercolor/'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
