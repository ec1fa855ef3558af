_base_ = './tadp_sd15_fpn_1xb2-15e_voc12aug-512x512_vpd-ls.py'
# ClassNames: one text of all 21 names.
prompt = dict(
    _delete_=True,
    type='ClassNamePrompt',
    classes=_base_.voc_names,
    template='name',
    features='sentence',
)
model = dict(
    backbone=dict(prompt=prompt), neck=dict(in_channels=[320, 717, 1357, 1280])
)
