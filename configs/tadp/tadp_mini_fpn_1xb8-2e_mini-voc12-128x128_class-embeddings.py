_base_ = './tadp_mini_fpn_1xb8-2e_mini-voc12-128x128_vpd-ls.py'
# ClassEmbs: the 8 tokens of 7 names, encoded one by one.
prompt = dict(
    _delete_=True,
    type='ClassNamePrompt',
    classes=_base_.mini_voc_names,
    template='name',
    features='sequence',
)
model = dict(backbone=dict(prompt=prompt), neck=dict(in_channels=[32, 72, 136, 128]))
