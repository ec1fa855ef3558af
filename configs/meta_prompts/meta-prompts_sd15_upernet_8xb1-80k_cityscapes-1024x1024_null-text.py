_base_ = './meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024_no-rearrangement.py'
# Not in the paper: the empty string as the prompt, a control of Table 5a.
model = dict(backbone=dict(prompt=dict(_delete_=True, type='NullPrompt')))
