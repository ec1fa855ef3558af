_base_ = './meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128_no-rearrangement.py'
# Not in the paper: the empty string as the prompt, a control of Table 5a.
model = dict(backbone=dict(prompt=dict(_delete_=True, type='NullPrompt')))
