_base_ = './meta-prompts_sd15_depth_3xb8-25e_nyu-480x480_no-rearrangement.py'
# Not in the paper: the empty string as the prompt, a control of Table 5a.
model = dict(backbone=dict(prompt=dict(_delete_=True, type='NullPrompt')))
