_base_ = './tadp_sd15_fpn_1xb2-15e_voc12aug-512x512_vpd-ls.py'
# ClassEmbs: the 24 tokens of 21 names, encoded one by one.
prompt = dict(
    _delete_=True,
    type='ClassNamePrompt',
    classes=_base_.voc_names,
    template='name',
    features='sequence',
)
model = dict(
    backbone=dict(prompt=prompt), neck=dict(in_channels=[320, 664, 1304, 1280])
)
