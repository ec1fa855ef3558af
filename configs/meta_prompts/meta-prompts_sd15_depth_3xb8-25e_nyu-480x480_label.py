_base_ = [
    './meta-prompts_sd15_depth_3xb8-25e_nyu-480x480_no-rearrangement.py',
    '../_base_/prompts.py',
]
# Table 5a: the name of the scene as VPD's prompt.
# The paper says no more. Text guides no rearrangement here: compare with Table 5d.
model = dict(
    data_preprocessor=dict(type='TextSegDataPreProcessor', text_key='scene'),
    backbone=dict(prompt=dict(_delete_=True, **_base_.scene_name_prompt)),
)
