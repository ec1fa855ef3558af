_base_ = [
    './meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128_no-rearrangement.py',
    '../_base_/prompts.py',
]
# Table 5a: the names of the classes as VPD's prompt.
# The paper says no more. Text guides no rearrangement here: compare with Table 5d.
prompt = dict(_delete_=True, **_base_.class_name_prompt, classes=_base_.classes)
model = dict(backbone=dict(prompt=prompt))
