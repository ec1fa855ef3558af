_base_ = './tadp_mini_fpn_1xb8-2e_mini-voc12-128x128_vpd-ls.py'
# ClassNames: one text of all 7 names.
prompt = dict(
    _delete_=True,
    type='ClassNamePrompt',
    classes=_base_.mini_voc_names,
    template='name',
    features='sentence',
)
model = dict(backbone=dict(prompt=prompt), neck=dict(in_channels=[32, 141, 205, 128]))
