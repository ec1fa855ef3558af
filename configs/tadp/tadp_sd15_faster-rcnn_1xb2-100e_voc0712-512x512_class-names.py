_base_ = './tadp_sd15_faster-rcnn_1xb2-100e_voc0712-512x512_vpd.py'
# ClassNames: one text of all 20 names.
prompt = dict(
    _delete_=True,
    type='ClassNamePrompt',
    classes=_base_.voc_names[1:],
    template='name',
    features='sentence',
)
model = dict(
    backbone=dict(prompt=prompt), neck=dict(in_channels=[320, 717, 1357, 1280])
)
