_base_ = './meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96_no-rearrangement.py'
# Not in the paper: the empty string as the prompt, a control of Table 5a.
model = dict(backbone=dict(prompt=dict(_delete_=True, type='NullPrompt')))
