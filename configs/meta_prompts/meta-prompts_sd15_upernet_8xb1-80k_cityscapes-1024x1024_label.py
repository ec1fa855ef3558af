_base_ = [
    './meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024_no-rearrangement.py',
    '../_base_/prompts.py',
]
# Table 5a: the names of the classes as VPD's prompt.
# The paper says no more. Text guides no rearrangement here: compare with Table 5d.
prompt = dict(_delete_=True, **_base_.class_name_prompt, dataset='CityscapesDataset')
model = dict(backbone=dict(prompt=prompt))
