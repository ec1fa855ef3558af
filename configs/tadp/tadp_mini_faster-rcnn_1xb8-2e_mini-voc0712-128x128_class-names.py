_base_ = './tadp_mini_faster-rcnn_1xb8-2e_mini-voc0712-128x128_vpd.py'
# ClassNames: one text of all 6 names.
prompt = dict(
    _delete_=True,
    type='ClassNamePrompt',
    classes=_base_.mini_voc_names[1:],
    template='name',
    features='sentence',
)
model = dict(backbone=dict(prompt=prompt), neck=dict(in_channels=[32, 141, 205, 128]))
