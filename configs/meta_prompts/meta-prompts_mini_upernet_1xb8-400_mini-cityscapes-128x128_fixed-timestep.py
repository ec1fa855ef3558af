_base_ = './meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128.py'
# Table 5e: all passes at t = 1, through the sinusoid and the pre-trained MLP.
model = dict(backbone=dict(learned_timesteps=False))
